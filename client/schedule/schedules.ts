import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import type { RunInput } from '../../domain/session/run-input';
import { RUN_PROJECT } from '../../workflows/messages';
import { UsageError } from '../cli/exit';
import type { Hint } from '../text/hint';
import { cronText, everyText } from './cron-text';
import { scheduleOptions, type ScheduleDefinition } from './definition';
import { outcomeOf, type RunOutcome } from './outcome';

/** A schedule as Temporal has it, and what came of its latest runs. */
export interface ScheduleView {
  id: string;
  project: string;
  cron: string;
  timeZone: string;
  pauseOnFailure: boolean;
  paused: boolean;
  /** Why it is paused. */
  note: string;
  /** ISO 8601; null while it is paused or has no further run. */
  nextRun: string | null;
  input: RunInput;
  /** The latest first. */
  runs: RunOutcome[];
  /** Runs that were due while the one before went on, and those that came too late. */
  skipped: number;
  missed: number;
}

const RUNS_SHOWN = 3;

/**
 * @param remove the command that removes one of this id
 * @returns the schedule as Temporal has it
 * @throws UsageError where there is one, or the server cannot read the times, or they never come
 */
export async function createSchedule(
  client: Client,
  definition: ScheduleDefinition,
  remove: string,
): Promise<ScheduleView> {
  let handle: ScheduleHandle;
  try {
    handle = await client.schedule.create(scheduleOptions(definition));
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning)
      throw new UsageError(
        `${definition.id} is there already: give another --name, or remove it first: ${remove}`,
      );
    // The client's word for a specification that the server cannot read.
    if (error instanceof TypeError) throw new UsageError(unreadable(definition, error.message));
    throw error;
  }
  const view = await describeSchedule(client, handle);
  if (view.nextRun !== null) return view;
  // The 31st of February: the server takes it, and knows only then that there is none.
  await handle.delete();
  throw new UsageError(`--cron: "${definition.cron}" names no time that ever comes`);
}

/** Node knows zones that Temporal does not, such as `+01:00`. */
function unreadable({ cron, timeZone }: ScheduleDefinition, why: string): string {
  const [option, given] = /time zone/i.test(why) ? ['--time-zone', timeZone] : ['--cron', cron];
  return `${option}: Temporal does not take "${given}" (${why})`;
}

/** The schedules that start sessions, whoever made them; of one project, or of all. */
export async function listSchedules(client: Client, project: string | undefined): Promise<ScheduleView[]> {
  const views: ScheduleView[] = [];
  for await (const { scheduleId, action } of client.schedule.list()) {
    if (action?.workflowType !== RUN_PROJECT) continue;
    const view = await upToDate(client, client.schedule.getHandle(scheduleId)).catch(unlessGone);
    if (view && (project === undefined || view.project === project)) views.push(view);
  }
  return views.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function unlessGone(error: unknown): null {
  if (error instanceof ScheduleNotFoundError) return null;
  throw error;
}

/** Temporal notices that a run has ended when it is asked for the schedule, and answers with what was before. */
async function upToDate(client: Client, handle: ScheduleHandle): Promise<ScheduleView> {
  const view = await describeSchedule(client, handle);
  const mayBePausedNow = view.pauseOnFailure && !view.paused && view.runs[0]?.kind === 'red';
  return mayBePausedNow ? describeSchedule(client, handle) : view;
}

async function describeSchedule(client: Client, handle: ScheduleHandle): Promise<ScheduleView> {
  const { scheduleId, spec, policies, action, state, info } = await handle.describe();
  const input = inputOf(action);
  const recent = info.recentActions.slice(-RUNS_SHOWN).reverse();
  return {
    id: scheduleId,
    project: input.project ?? '',
    cron: [...(spec.calendars ?? []).map(cronText), ...(spec.intervals ?? []).map(everyText)].join('; '),
    timeZone: spec.timezone ?? 'UTC',
    pauseOnFailure: policies.pauseOnFailure,
    paused: state.paused,
    note: state.paused ? (state.note ?? '') : '',
    nextRun: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    input: input as RunInput,
    runs: await Promise.all(recent.map((run) => outcomeOf(client, run))),
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

/** Does something to a schedule of a project. @throws UsageError where it has none of this id */
export async function onSchedule<T>(
  client: Client,
  { id, project }: Pick<ScheduleView, 'id' | 'project'>,
  hint: Hint,
  work: (handle: ScheduleHandle) => Promise<T>,
): Promise<T> {
  const handle = client.schedule.getHandle(id);
  const list = hint('schedule', 'list');
  try {
    const { action } = await handle.describe();
    // `app-nightly` of `my` is called like `nightly` of `my-app`.
    const { project: other } = inputOf(action);
    if (other !== project)
      throw new UsageError(`${id} is a schedule of ${other ?? 'something else'}: see ${list}`);
    return await work(handle);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new UsageError(`there is no schedule ${id}: see ${list}`);
  }
}

function inputOf({ args }: ScheduleDescription['action']): Partial<RunInput> {
  const [input] = (args ?? []) as [Partial<RunInput>?];
  return input ?? {};
}
