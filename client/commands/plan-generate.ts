import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resolve } from '../../domain/graph/graph';
import { resolveModel } from '../../domain/cost/models';
import { stringifyPlan } from '../../domain/plan/plan-export';
import { projectNameProblem } from '../../domain/plan/plan-names';
import { gitOf, inspectRepository, type Repository } from '../../git/repository/repository';
import type { Cli } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { importInto } from '../plan/import-plan';
import { harmless } from '../text/harmless';
import { importText } from '../plan/import-text';
import { money } from '../text/units';
import { writeNew } from './plan-files';

export interface GenerateOptions {
  repo: string;
  project?: string;
  model: string;
  output: string;
  yes?: boolean;
}

const MOST_FILES = 300;

/** Claude writes a plan; it is shown and kept as a file, and stored only once a person has said yes. */
export async function planGenerate(cli: Cli, file: string, options: GenerateOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl } = context.env;
  if (!apiKey)
    throw new UsageError(
      'ANTHROPIC_API_KEY is not set, and Claude needs it to write a plan: export ANTHROPIC_API_KEY=sk-ant-...',
    );
  const specification = await readFile(path.resolve(context.cwd, file), 'utf8').catch(() => {
    throw new UsageError(`${file}: there is no such file that can be read: give the path of a specification`);
  });
  if (specification.trim() === '') throw new UsageError(`${file}: is empty: write down what is to be built`);
  const inspected = await inspectRepository(path.resolve(context.cwd, options.repo), {});
  const project = options.project ?? path.basename(inspected.repository.path);
  const problem = projectNameProblem(project);
  if (problem) throw new UsageError(`--project ${problem}`);
  const model = resolveModel(options.model);
  context.note(`${model} reads ${file} and writes a plan for ${project}`);
  const { writePlan } = require('../generate/plan-writer') as typeof import('../generate/plan-writer');
  const { plan, costUsd } = await context.interruptible(async (signal) =>
    writePlan(
      { project, specification, files: await filesOf(inspected.repository, inspected.baseBranch) },
      {
        apiKey,
        ...(baseUrl ? { baseUrl } : {}),
        model,
        signal,
        onNotice: (line) => context.note(harmless(line)),
      },
    ),
  );
  const text = stringifyPlan(plan);
  await writeNew(path.resolve(context.cwd, options.output), text, options.output);
  context.print(text.trimEnd());
  context.note(`\nwritten to ${options.output}${costUsd === null ? '' : `, for ${money(costUsd)}`}`);
  const again = hint('plan', 'import', options.output, '--repo', options.repo);
  if (!(options.yes ?? (await context.confirm?.('Store this plan? [y/N] ')) ?? false)) {
    context.note(`Nothing is stored. Edit the file if you like, then: ${again}`);
    return EXIT.ok;
  }
  return withDatabase(context, async (db) => {
    const imported = await importInto(db, { plan, ...inspected });
    const { batches } = resolve(plan.epics.flatMap((epic) => epic.tasks));
    context.print(importText({ plan, imported, batches, hint }));
    return EXIT.ok;
  });
}

/** So that the plan can name what is there. */
async function filesOf(repository: Repository, branch: string): Promise<string[]> {
  const { stdout } = await gitOf(repository).run([
    'ls-tree',
    '-r',
    '-z',
    '--name-only',
    `refs/heads/${branch}`,
  ]);
  const files = stdout.split('\0').filter(Boolean);
  const rest = files.length - MOST_FILES;
  return rest > 0 ? [...files.slice(0, MOST_FILES), `and ${rest} more files`] : files;
}
