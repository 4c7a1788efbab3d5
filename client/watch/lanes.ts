import { isFinished } from '../../domain/model';
import type { RunningAttempt } from '../../db/task/running-attempts';
import type { EpicSummary, SessionSummary, TaskSummary, WorktreeSummary } from '../../db/session/summary';
import { pullRequestName } from '../../domain/landing/pull-request';
import { modelAlias } from '../../domain/cost/models';
import { listed } from '../../domain/listed';
import { waitsToLand, type Unlanded } from '../status/unlanded';
import { title } from '../text/plan-names';
import { firstLine } from '../text/units';
import type { LanePicture, LaneState, RunningPicture } from './picture';

const MOST_NAMED = 3;

/** What lanes are made from, besides the summary of the session. */
export interface LaneFacts {
  now: number;
  attempts: readonly RunningAttempt[];
  /** What the agents did last, by task. */
  actions: ReadonlyMap<number, string>;
  /** Epics whose merge has begun and not ended. */
  merging: ReadonlySet<number>;
  unlanded: Unlanded;
  /** Hard dependencies that are not done yet, by task. */
  unmet: ReadonlyMap<number, readonly number[]>;
}

/** A lane for each epic of the plan that has tasks, in the order of their numbers. */
export function lanePictures(summary: SessionSummary, facts: LaneFacts): LanePicture[] {
  return summary.epics
    .filter(({ tasks }) => tasks.length > 0)
    .map((epic) => {
      const attempts = facts.attempts.filter((attempt) => attempt.epic === epic.number);
      const running = attempts.map((attempt) => runningPicture(epic, attempt, facts));
      const state = laneState(epic, summary, { ...facts, running: running.length > 0 });
      return {
        number: epic.number,
        name: title(epic.name),
        state,
        done: epic.tasks.filter(isDone).length,
        total: epic.tasks.length,
        why: reasonOf(epic, state, summary, facts),
        running,
      };
    });
}

const isDone = ({ status }: TaskSummary) => isFinished(status);
const isOpen = ({ status }: TaskSummary) => status === 'pending' || status === 'running';
const isWrong = ({ status }: TaskSummary) => status === 'failed' || status === 'blocked';

/** What the epic lands with: its own worktree, or the one that serves all epics of a sequential session. */
function placeOf(
  { worktree }: EpicSummary,
  { session, sequentialWorktree }: SessionSummary,
): WorktreeSummary | null {
  const shared = session.options.parallel !== true || !worktree;
  return shared && sequentialWorktree && !worktree?.mergeCommit ? sequentialWorktree : worktree;
}

function laneState(
  epic: EpicSummary,
  summary: SessionSummary,
  { running, merging, unlanded }: Pick<LaneFacts, 'merging' | 'unlanded'> & { running: boolean },
): LaneState {
  if (running) return 'running';
  const { number, tasks, worktree } = epic;
  const place = placeOf(epic, summary);
  const own = place === worktree;
  const stuck = place?.status === 'conflict' || place?.status === 'blocked';
  // In a worktree of all epics, what is not done has nothing to land yet.
  if (stuck && (own || tasks.some((task) => waitsToLand(task, unlanded)))) return 'trouble';
  const active = own && place?.status === 'active';
  if (active && merging.has(number)) return 'merging';
  if (!tasks.every(isDone)) return tasks.some(isOpen) ? 'waiting' : 'trouble';
  if (place?.status === 'proposed') return 'proposed';
  return active ? 'finished' : 'landed';
}

function reasonOf(
  epic: EpicSummary,
  state: LaneState,
  summary: SessionSummary,
  { unmet, attempts }: LaneFacts,
): string {
  const { tasks } = epic;
  const place = placeOf(epic, summary);
  const failed = tasks.filter(isWrong);
  const problem = failed.length ? problemOf(failed) : '';
  if (state === 'running') return problem;
  if (state === 'merging') return 'merging';
  if (state === 'landed')
    return tasks.some(({ status }) => status === 'complete') ? 'landed' : 'nothing to merge';
  if (state === 'proposed' && place?.pullRequest) return pullRequestName(place.pullRequest);
  if (state === 'finished') return 'done, waits to be merged';
  if (state === 'trouble' && place?.status === 'conflict') return 'merge conflict';
  if (state === 'trouble' && place?.status === 'blocked')
    return `cannot land: ${firstLine(place.blockedReason ?? '')}`;
  if (problem) return problem;
  if (summary.session.status === 'paused') return 'paused';
  const open = tasks.filter(isOpen).map(({ number }) => unmet.get(number) ?? []);
  if (open.some((needed) => needed.length === 0))
    return attempts.length ? 'waits for an agent' : 'starts next';
  const needed = foreign(open, tasks).map((task) => `T${task}`);
  return `waits for ${listed(needed, MOST_NAMED)}`;
}

function problemOf(tasks: readonly TaskSummary[]): string {
  const failed = tasks.find(({ status }) => status === 'failed');
  const rest = tasks.length - 1;
  const one = failed ?? tasks[0]!;
  const why = one.reason ? `: ${firstLine(one.reason)}` : '';
  return `T${one.number} ${one.status}${why}${rest ? ` (and ${rest} more)` : ''}`;
}

/** What the epic's tasks need of others: that its own tasks come one after the other goes without saying. */
function foreign(needs: readonly (readonly number[])[], tasks: readonly TaskSummary[]): number[] {
  const own = new Set(tasks.map(({ number }) => number));
  const all = [...new Set(needs.flat())];
  const others = all.filter((task) => !own.has(task));
  return others.length ? others : all;
}

function runningPicture(epic: EpicSummary, attempt: RunningAttempt, facts: LaneFacts): RunningPicture {
  const { task, number, purpose, agent, model, startedAt, costUsd, costUnknown } = attempt;
  const by = model ? firstLine(modelAlias(model), 30) : agent;
  const name = title(epic.tasks.find((one) => one.number === task)?.title ?? '');
  return {
    what: purpose === 'merge' ? 'its merge' : `T${task} ${name}`,
    elapsedMs: Math.max(facts.now - Date.parse(startedAt), 0),
    by: purpose === 'task' && number > 1 ? `${by}, try ${number}` : by,
    costUsd,
    costUnknown,
    action: facts.actions.get(task) ?? null,
  };
}
