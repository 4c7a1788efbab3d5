import type { Command } from 'commander';
import { addCommand, exitWith, JSON_OPTION, PROJECT_OPTION, type Cli } from '../cli/command';
import { planExport, planPreview, planValidate, type ExportOptions, type PreviewOptions } from './plan-files';
import { planBatches, planGraph, planShow, type GraphOptions, type PlanOptions } from './plan-reading';
import { planGenerate, type GenerateOptions } from './plan-generate';
import { planImport, type ImportOptions } from './plan-import';

export function addPlan(program: Command, cli: Cli): void {
  const plan = addCommand(program, cli, {
    usage: 'plan',
    summary: 'import plans and look at them',
    example: 'plan import plan.yaml --repo ../my-app',
  });
  const filters = ['--epic <number>', 'only this epic'] as const;
  const batch = ['--batch <number>', 'only this batch'] as const;

  addCommand(plan, cli, {
    usage: 'import <file>',
    summary: 'read a plan (YAML or JSON) into the database; again after every change of the file',
    example: 'plan import plan.yaml --repo ../my-app',
  })
    .option('--repo <path>', 'the git repository that the plan is about (default: where the project is)')
    .option(
      '--base <branch>',
      'the branch to merge into (default: as before; else main, or what is checked out)',
    )
    .option(...JSON_OPTION)
    .action(exitWith(cli, (file: string, options: ImportOptions) => planImport(cli, file, options)));

  addFileCommands(plan, cli);

  addCommand(plan, cli, {
    usage: 'show',
    summary: 'the epics and tasks, and how they stand',
    example: 'plan show --project my-app --epic 2',
  })
    .option(...PROJECT_OPTION)
    .option(...filters)
    .option(...batch)
    .option(...JSON_OPTION)
    .action(exitWith(cli, (options: PlanOptions) => planShow(cli, options)));

  addCommand(plan, cli, {
    usage: 'batches',
    summary: 'which tasks can run at the same time',
    example: 'plan batches --project my-app',
  })
    .option(...PROJECT_OPTION)
    .option(...JSON_OPTION)
    .action(exitWith(cli, (options: PlanOptions) => planBatches(cli, options)));

  addCommand(plan, cli, {
    usage: 'graph',
    summary: 'the dependencies, as text or for Mermaid',
    example: 'plan graph --project my-app --format mermaid',
  })
    .option(...PROJECT_OPTION)
    .option('--format <format>', 'ascii, mermaid or json', 'ascii')
    .option(...filters)
    .option(...batch)
    .option('--json', 'the same as --format json')
    .action(exitWith(cli, (options: GraphOptions) => planGraph(cli, options)));
}

/** The commands about plans as files, and about what is to be expected of one. */
function addFileCommands(plan: Command, cli: Cli): void {
  addCommand(plan, cli, {
    usage: 'generate <specification>',
    summary: 'have Claude write a plan from a specification; nothing is stored before you say yes',
    example: 'plan generate SPEC.md --repo ../my-app --output plan.yaml',
  })
    .requiredOption('--repo <path>', 'the git repository that the plan is about')
    .option('--project <name>', 'what the project is called (default: the name of the folder)')
    .option('--model <name>', 'haiku, sonnet, opus, or a full model id', 'opus')
    .option('--output <file>', 'where the plan goes; nothing is overwritten', 'plan.yaml')
    .option('--yes', 'store it without asking')
    .action(exitWith(cli, (file: string, options: GenerateOptions) => planGenerate(cli, file, options)));

  addCommand(plan, cli, {
    usage: 'validate <file>',
    summary: 'check a plan file; nothing is stored',
    example: 'plan validate plan.yaml',
  })
    .option(...JSON_OPTION)
    .action(exitWith(cli, (file: string, options: { json?: boolean }) => planValidate(cli, file, options)));

  addCommand(plan, cli, {
    usage: 'preview [file]',
    summary: 'batches, longest chain, expected duration and cost, epics that may conflict',
    example: 'plan preview plan.yaml --max-concurrency 4',
  })
    .option(...PROJECT_OPTION)
    .option('--max-concurrency <n>', 'agents at a time, 1 to 10 (default: 3)')
    .option(...JSON_OPTION)
    .action(
      exitWith(cli, (file: string | undefined, options: PreviewOptions) => planPreview(cli, file, options)),
    );

  addCommand(plan, cli, {
    usage: 'export',
    summary: 'the stored plan as a plan file',
    example: 'plan export --project my-app --output plan.yaml',
  })
    .option(...PROJECT_OPTION)
    .option('--output <file>', 'write it there; nothing is overwritten')
    .option('--json', 'as JSON, which is a plan file too')
    .action(exitWith(cli, (options: ExportOptions) => planExport(cli, options)));
}
