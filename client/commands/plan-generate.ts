import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { accessFrom } from '../../agents/provider/access';
import type { Queryable } from '../../db/connection/connection';
import { loadPlan } from '../../db/plan/plan-load';
import { findProject } from '../../db/project/projects';
import { isFinished } from '../../domain/model';
import { isModelName, resolveModel } from '../../domain/cost/models';
import type { Plan } from '../../domain/plan/plan';
import { stringifyPlan } from '../../domain/plan/plan-export';
import { projectNameProblem } from '../../domain/plan/plan-names';
import { numberedAfter } from '../../domain/plan/plan-renumber';
import { plural } from '../../domain/plural';
import { branchRef } from '../../git/refs/refs';
import { gitOf, inspectRepository, type Repository } from '../../git/repository/repository';
import type { Cli } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { readGivenFile } from '../cli/given-file';
import { givenPath } from '../cli/given-path';
import { requireNew, writeNew } from '../cli/new-file';
import { readPlan } from '../plan/plan-file';
import { harmless } from '../text/harmless';
import { cost, money } from '../text/units';
import { importAndTell } from './plan-import';

interface GenerateOptions {
  repo: string;
  project?: string;
  model: string;
  output: string;
  yes?: boolean;
}

const MOST_FILES = 300;
/** No model reads as much at once. */
const MOST_SPECIFICATION_MB = 10;

/** Claude writes a plan; it is shown and kept as a file, and stored only once a person has said yes. */
export async function planGenerate(cli: Cli, file: string, options: GenerateOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const model = resolveModel(options.model);
  if (!isModelName(options.model) || model.toLowerCase() === 'auto')
    throw new UsageError(`--model must be haiku, sonnet, opus or a full model id, got "${options.model}"`);
  const found = accessFrom(context.env, 'plan generate');
  if ('problem' in found) throw new UsageError(found.problem);
  const specification = await readSpecification(path.resolve(context.cwd, file), file);
  const inspected = await inspectRepository(givenPath('--repo', options.repo, context.cwd), {});
  const project = options.project ?? path.basename(inspected.repository.path);
  const problem = projectNameProblem(project);
  if (problem) throw new UsageError(`--project ${problem}`);
  const output = path.resolve(context.cwd, options.output);
  // Claude is paid for the plan: it has to have somewhere to go.
  await requireNew(output, options.output);
  context.note(`${model} reads ${file} and writes a plan for ${project}`);
  const { writePlan } = require('../generate/plan-writer') as typeof import('../generate/plan-writer');
  const { plan, costUsd } = await context.interruptible(async (signal) =>
    writePlan(
      { project, specification, files: await filesOf(inspected.repository, inspected.baseBranch) },
      {
        ...found.access,
        model,
        signal,
        onNotice: (line) => context.note(harmless(line)),
      },
    ),
  );
  const text = stringifyPlan(plan);
  // Printed, too, where it cannot be written; and on file before it is, since who reads may have left.
  await writeNew(output, text, options.output).finally(() => context.print(text.trimEnd()));
  context.note(
    `\nwritten to ${options.output}, ${costUsd === null ? cost(0, true) : `for ${money(costUsd)}`}`,
  );
  const again = hint('plan', 'import', options.output, '--repo', options.repo);
  if (!(options.yes ?? (await context.confirm?.('Store this plan? [y/N] ')) ?? false)) {
    context.note(`Nothing is stored. Edit the file if you like, then: ${again}`);
    return EXIT.ok;
  }
  // The file may have been edited while the question stood.
  const edited = await readPlan(output, options.output);
  return withDatabase(context, async (db, { temporal }) => {
    const numbered = await besideStored(db, edited, again);
    if (numbered !== edited) {
      await writeFile(output, stringifyPlan(numbered));
      context.note(
        `${edited.project} has tasks already, so the new ones in ${options.output} have other numbers`,
      );
    }
    const repository = inspected.repository.path;
    return importAndTell(cli, { db, temporal }, { plan: numbered, repository });
  });
}

/** @param name the file as the person wrote it */
async function readSpecification(file: string, name: string): Promise<string> {
  const bytes = await readGivenFile(file, MOST_SPECIFICATION_MB * 1e6).catch(() => {
    throw new UsageError(`${name}: there is no such file that can be read: give the path of a specification`);
  });
  if (!bytes)
    throw new UsageError(`${name}: is longer than ${MOST_SPECIFICATION_MB} MB: split it, or say less`);
  const text = bytes.toString('utf8');
  if (text.trim() === '') throw new UsageError(`${name}: is empty: write down what is to be built`);
  return text;
}

/** Under numbers that the project has not used: a task of an old one would count as what came of that. */
async function besideStored(db: Queryable, plan: Plan, again: string): Promise<Plan> {
  const known = await findProject(db, plan.project);
  const epics = known ? (await loadPlan(db, known.id)).epics : [];
  const tasks = epics.flatMap((epic) => epic.tasks);
  if (tasks.length === 0) return plan;
  const open = tasks.filter(({ status }) => !isFinished(status));
  if (open.length > 0)
    throw new UsageError(
      `${plan.project} has ${plural(open.length, 'task')} that ${open.length === 1 ? 'is' : 'are'} not finished, and a new plan ` +
        `takes the place of such: finish or skip first; or number the new ones as you want them, then: ${again}`,
    );
  return numberedAfter(plan, {
    epic: Math.max(...epics.map(({ number }) => number)),
    task: Math.max(...tasks.map(({ number }) => number)),
  });
}

/** So that the plan can name what is there. */
async function filesOf(repository: Repository, branch: string): Promise<string[]> {
  const { stdout } = await gitOf(repository).run(['ls-tree', '-r', '-z', '--name-only', branchRef(branch)]);
  const files = stdout.split('\0').filter(Boolean);
  const rest = files.length - MOST_FILES;
  return rest > 0 ? [...files.slice(0, MOST_FILES), `and ${rest} more files`] : files;
}
