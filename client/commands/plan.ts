import type { Command } from 'commander';
import { addAction, addCommand, JSON_OPTION, PROJECT_OPTION, required, type Cli } from '../cli/command';
import { planExport, planValidate } from './plan-files';
import { planPreview } from './plan-preview';
import { planBatches, planGraph, planShow } from './plan-reading';
import { planGenerate } from './plan-generate';
import { planImport } from './plan-import';

export function addPlan(program: Command, cli: Cli): void {
  const plan = addCommand(program, cli, {
    usage: 'plan',
    summary: 'import plans and look at them',
    example: 'plan import plan.yaml --repo ../my-app',
  });
  const formats = ['--format <format>', 'ascii, mermaid (the graph) or json (default: ascii)'] as const;
  const filters = [
    ['--epic <number>', 'only this epic'],
    ['--batch <number>', 'only this batch'],
    ['--json', 'short for --format json'],
  ] as const;

  addAction(plan, cli, planImport, {
    usage: 'import <file>',
    summary: 'read a plan (YAML or JSON) into the database; again after every change of the file',
    example: 'plan import plan.yaml --repo ../my-app',
    options: [
      ['--repo <path>', 'the git repository that the plan is about (default: where the project is)'],
      ['--dry-run', 'only say what would change'],
      ['--base <branch>', 'the branch to merge into (default: as before; else main, or what is checked out)'],
      JSON_OPTION,
    ],
  });

  addFileCommands(plan, cli);

  addAction(plan, cli, planShow, {
    usage: 'show',
    summary: 'the epics and tasks, and how they stand',
    example: 'plan show --project my-app --epic 2',
    options: [PROJECT_OPTION, formats, ...filters],
  });

  addAction(plan, cli, planBatches, {
    usage: 'batches',
    summary: 'which tasks can run at the same time',
    example: 'plan batches --project my-app',
    options: [PROJECT_OPTION, formats, ...filters],
  });

  addAction(plan, cli, planGraph, {
    usage: 'graph',
    summary: 'the dependencies, as text or for Mermaid',
    example: 'plan graph --project my-app --format mermaid',
    options: [PROJECT_OPTION, formats, ...filters],
  });
}

/** The commands about plans as files, and about what is to be expected of one. */
function addFileCommands(plan: Command, cli: Cli): void {
  addAction(plan, cli, planGenerate, {
    usage: 'generate <specification>',
    summary: 'have Claude write a plan from a specification; nothing is stored before you say yes',
    example: 'plan generate SPEC.md --repo ../my-app --output plan.yaml',
    options: [
      required('--repo <path>', 'the git repository that the plan is about'),
      ['--project <name>', 'what the project is called (default: the name of the folder)'],
      ['--model <name>', 'haiku, sonnet, opus, or a full model id', 'opus'],
      ['--output <file>', 'where the plan goes; nothing is overwritten', 'plan.yaml'],
      ['--yes', 'store it without asking'],
    ],
  });

  addAction(plan, cli, planValidate, {
    usage: 'validate <file>',
    summary: 'check a plan file; nothing is stored',
    example: 'plan validate plan.yaml',
    options: [JSON_OPTION],
  });

  addAction(plan, cli, planPreview, {
    usage: 'preview [file]',
    summary: 'batches, longest chain, expected duration and cost, epics that may conflict',
    example: 'plan preview plan.yaml --max-concurrency 4',
    options: [
      PROJECT_OPTION,
      ['--max-concurrency <n>', 'agents at a time, 1 to 10 (default: 3)'],
      JSON_OPTION,
    ],
  });

  addAction(plan, cli, planExport, {
    usage: 'export',
    summary: 'the stored plan as a plan file',
    example: 'plan export --project my-app --output plan.yaml',
    options: [
      PROJECT_OPTION,
      ['--output <file>', 'where it goes, by default the standard output (-); nothing is overwritten'],
      ['--json', 'as JSON, which is a plan file too'],
    ],
  });
}
