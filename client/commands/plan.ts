import type { Command } from 'commander';
import { addCommand, exitWith, JSON_OPTION, PROJECT_OPTION, type Cli } from '../command';
import { planBatches, planGraph, planShow, type GraphOptions, type PlanOptions } from './plan-reading';
import { planImport, type ImportOptions } from './plan-import';

export function addPlan(program: Command, cli: Cli): void {
  const plan = program.command('plan').description('import plans and look at them');
  const filters = ['--epic <number>', 'only this epic'] as const;
  const batch = ['--batch <number>', 'only this batch'] as const;

  addCommand(plan, cli, {
    usage: 'import <file>',
    summary: 'read a plan (YAML or JSON) into the database; again after every change of the file',
    example: 'plan import plan.yaml --repo ../my-app',
  })
    .requiredOption('--repo <path>', 'the git repository that the plan is about')
    .option('--base <branch>', 'the branch to merge into (default: main, or what is checked out)')
    .option(...JSON_OPTION)
    .action(exitWith(cli, (file: string, options: ImportOptions) => planImport(cli, file, options)));

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
