import path from 'node:path';
import { experienceByModel } from '../../db/task/experience';
import { loadPlan } from '../../db/plan/plan-load';
import { resolve } from '../../domain/graph/graph';
import type { Plan } from '../../domain/plan/plan';
import { forecast, type Experience } from '../../domain/plan/plan-forecast';
import { overlaps } from '../../domain/plan/plan-overlap';
import { MAX_CONCURRENCY } from '../../domain/session/run-input';
import type { Cli, ReadingOptions } from '../cli/command';
import { withRunningDatabase } from '../cli/connect';
import { withProject } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import { harmlessJson } from '../text/harmless';
import { readPlan } from '../plan/plan-file';
import { previewText, type Preview } from '../plan/preview-text';
import { planFrom, restOf } from '../plan/stored-plan';

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
  const maxConcurrency =
    agents === undefined ? 3 : wholeNumber('--max-concurrency', agents, 1, MAX_CONCURRENCY);
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
