import { constants } from 'node:fs';
import { access, lstat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { experienceByModel } from '../../db/task/experience';
import { loadPlan } from '../../db/plan/plan-load';
import { resolve } from '../../domain/graph/graph';
import type { Plan } from '../../domain/plan/plan';
import { describePlanErrors } from '../../domain/plan/plan-error';
import { planInFile, stringifyPlan } from '../../domain/plan/plan-export';
import { forecast, type Experience } from '../../domain/plan/plan-forecast';
import { overlaps } from '../../domain/plan/plan-overlap';
import { MAX_CONCURRENCY } from '../../domain/session/run-input';
import { plural } from '../../domain/plural';
import type { Cli, JsonOption, ReadingOptions } from '../cli/command';
import { withRunningDatabase } from '../cli/connect';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import { batchesInOneLine } from '../text/batches';
import { harmlessJson } from '../text/harmless';
import { parsePlanFile, readPlan } from '../plan/plan-file';
import { previewText, type Preview } from '../plan/preview-text';
import { planFrom, restOf } from '../plan/stored-plan';

const MOST_ERRORS = 20;

/** Checks a plan file and stores nothing: every mistake on a line of its own. */
export async function planValidate({ context }: Cli, file: string, { json }: JsonOption): Promise<ExitCode> {
  const parsed = await parsePlanFile(path.resolve(context.cwd, file), file);
  if (!parsed.ok) {
    if (json) context.print(harmlessJson({ ok: false, errors: parsed.errors }));
    const shown = json ? [] : parsed.errors.slice(0, MOST_ERRORS);
    for (const error of shown) context.note(describePlanErrors([error], file));
    const rest = json ? 0 : parsed.errors.length - shown.length;
    if (rest > 0) context.note(`and ${plural(rest, 'more mistake')}`);
    return EXIT.usage;
  }
  const { project, epics } = parsed.plan;
  const tasks = epics.flatMap((epic) => epic.tasks);
  const { batches } = resolve(tasks);
  if (json)
    context.print(JSON.stringify({ ok: true, project, epics: epics.length, tasks: tasks.length, batches }));
  else
    context.print(
      `${file} is a valid plan of ${project}: ${plural(tasks.length, 'task')} in ${plural(epics.length, 'epic')}\n` +
        `Batches: ${batchesInOneLine(batches)}`,
    );
  return EXIT.ok;
}

interface ExportOptions extends ReadingOptions {
  output?: string;
}

/** The stored plan as a plan file; it never overwrites one. */
export async function planExport(cli: Cli, options: ExportOptions): Promise<ExitCode> {
  const { context } = cli;
  const { output, json } = options;
  return withProject(cli, options, async (db, { id }) => {
    const plan = planFrom(await loadPlan(db, id));
    const text = json ? `${harmlessJson(planInFile(plan))}\n` : stringifyPlan(plan);
    if (output === undefined) context.print(text.trimEnd());
    else {
      await writeNew(path.resolve(context.cwd, output), text, output);
      context.note(`written to ${output}`);
    }
    return EXIT.ok;
  });
}

const THERE = 'is there already: give another name, or remove it';

/** Whether the file can be written later. @param name the file as the person wrote it */
export async function requireNew(file: string, name: string): Promise<void> {
  if (await lstat(file).catch(() => null)) throw new UsageError(`--output: ${name} ${THERE}`);
  await access(path.dirname(file), constants.W_OK).catch(() => {
    throw new UsageError(`--output: ${name} cannot be written: give a file in a folder that is there`);
  });
}

/** @param name the file as the person wrote it */
export async function writeNew(file: string, text: string, name: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--output: ${name} ${error.code === 'EEXIST' ? THERE : error.message}`);
  });
}

interface PreviewOptions extends ReadingOptions {
  maxConcurrency?: string;
}

/** What is to be expected of a plan: of a file, or of a project's. */
export async function planPreview(
  cli: Cli,
  file: string | undefined,
  options: PreviewOptions,
): Promise<ExitCode> {
  const { context } = cli;
  if (file !== undefined && options.project !== undefined)
    throw new UsageError('give a plan file or --project: a file says itself what project it is of');
  const agents = options.maxConcurrency;
  const maxConcurrency = agents === undefined ? 3 : wholeNumber('--max-concurrency', agents);
  if (maxConcurrency > MAX_CONCURRENCY)
    throw new UsageError(
      `--max-concurrency must be a whole number from 1 to ${MAX_CONCURRENCY}, got "${agents}"`,
    );
  const show = (previewed: Previewed) => {
    const preview = previewOf(previewed, maxConcurrency);
    context.print(
      options.json ? harmlessJson({ project: previewed.plan.project, ...preview }) : previewText(preview),
    );
    return EXIT.ok;
  };
  if (file !== undefined) {
    const plan = await readPlan(path.resolve(context.cwd, file), file);
    // A file says all of itself: nothing is started only to look up what tries took so far.
    return show({ plan, rest: plan, experience: await withRunningDatabase(context, experienceByModel) });
  }
  return withProject(cli, options, async (db, { id }) => {
    const stored = await loadPlan(db, id);
    // Of a plan that has run, what is finished costs nothing any more.
    return show({
      plan: planFrom(stored),
      rest: restOf(stored),
      experience: await experienceByModel(db),
    });
  });
}

interface Previewed {
  plan: Plan;
  /** What of it is not finished. */
  rest: Plan;
  /** Null: nobody could be asked. */
  experience: Experience[] | null;
}

function previewOf({ plan, rest, experience }: Previewed, maxConcurrency: number): Preview {
  const { batches, criticalPath } = resolve(plan.epics.flatMap((epic) => epic.tasks));
  return {
    ...{ resolution: { batches, criticalPath }, maxConcurrency, overlaps: overlaps(rest.epics) },
    left: rest.epics.reduce((sum, epic) => sum + epic.tasks.length, 0),
    tasks: plan.epics.reduce((sum, epic) => sum + epic.tasks.length, 0),
    forecasts: forecast(rest, maxConcurrency, experience ?? []),
    experienced: experience !== null,
  };
}
