import { isFinished } from '../../domain/model';
import type { RunningAttempt } from '../../db/task/running-attempts';
import type { EpicSummary, SessionSummary, TaskSummary } from '../../db/session/summary';
import { pullRequestName } from '../../domain/landing/pull-request';
import { modelAlias } from '../../domain/cost/models';
import { title } from '../text/plan-names';
import { firstLine } from '../text/units';
import type { LanePicture, LaneState, RunningPicture } from './picture';

/** What lanes are made from, besides the summary of the session. */
export interface LaneFacts {
  now: number;
  attempts: readonly RunningAttempt[];
  /** What the agents did last, by task. */
  actions: ReadonlyMap<number, string>;
  /** Epics whose merge has begun and not ended. */
  merging: ReadonlySet<number>;
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
      const state = laneState(epic, summary, { running: running.length > 0, merging: facts.merging });
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
const isWrong = ({ status }: TaskSummary) => status === 'failed' || status === 'blocked';

function laneState(
  { number, tasks, worktree }: EpicSummary,
  { session, sequentialWorktree }: SessionSummary,
  { running, merging }: { running: boolean; merging: ReadonlySet<number> },
): LaneState {
  if (running) return 'running';
  if (merging.has(number)) return 'merging';
  if (worktree?.status === 'conflict' || worktree?.status === 'blocked') return 'trouble';
  if (tasks.every(isDone)) {
    if (worktree?.status === 'proposed') return 'proposed';
    const sequential = session.options.parallel !== true && sequentialWorktree !== null;
    return sequential || worktree?.mergeCommit ? 'landed' : 'finished';
  }
  return tasks.some(({ status }) => status === 'pending') ? 'waiting' : 'trouble';
}

function reasonOf(
  { tasks, worktree }: EpicSummary,
  state: LaneState,
  { session }: SessionSummary,
  { unmet, attempts }: LaneFacts,
): string {
  const failed = tasks.filter(isWrong);
  const problem = failed.length ? problemOf(failed) : '';
  if (state === 'running') return problem;
  if (state === 'merging') return 'merging';
  if (state === 'landed') return 'landed';
  if (state === 'proposed' && worktree?.pullRequest) return pullRequestName(worktree.pullRequest);
  if (state === 'finished') return 'done, waits to be merged';
  if (worktree?.status === 'conflict') return 'merge conflict';
  if (worktree?.status === 'blocked') return `cannot land: ${firstLine(worktree.blockedReason ?? '')}`;
  if (problem) return problem;
  if (session.status === 'paused') return 'paused';
  const open = tasks
    .filter(({ status }) => status === 'pending')
    .map(({ number }) => unmet.get(number) ?? []);
  if (open.some((needed) => needed.length === 0))
    return attempts.length ? 'waits for an agent' : 'starts next';
  return `waits for ${listed(foreign(open, tasks))}`;
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

const MOST_NAMED = 3;
function listed(tasks: readonly number[]): string {
  const named = tasks.slice(0, MOST_NAMED).map((task) => `T${task}`);
  const rest = tasks.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function runningPicture(epic: EpicSummary, attempt: RunningAttempt, facts: LaneFacts): RunningPicture {
  const { task, number, agent, model, startedAt, costUsd, costUnknown } = attempt;
  const by = model ? firstLine(modelAlias(model), 30) : agent;
  return {
    task,
    title: title(epic.tasks.find((one) => one.number === task)?.title ?? ''),
    elapsedMs: Math.max(facts.now - Date.parse(startedAt), 0),
    by: number > 1 ? `${by}, try ${number}` : by,
    costUsd,
    costUnknown,
    action: facts.actions.get(task) ?? null,
  };
}
