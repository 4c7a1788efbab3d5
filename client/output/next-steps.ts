import type { SessionSummary, EpicSummary, TaskSummary } from '../../db/summary';
import type { Worktree } from '../../db/worktrees';
import type { EpicResult } from '../../domain/session-result';
import type { Hint } from '../hint';
import type { NextStep } from './next-step';
import { pauseStep } from './pause-step';
import { title } from './plan-names';
import { runLine } from './run-line';
import { firstLine, plural } from './units';

type Merge = Pick<Worktree, 'status' | 'path' | 'conflict' | 'blockedReason' | 'failedOutput'>;

const OPEN = ['running', 'paused'];

/** What to do about whatever did not land; empty when all did. */
export function nextSteps(summary: SessionSummary, hint: Hint, lost: readonly EpicResult[] = []): NextStep[] {
  const { session, tasks, sequentialWorktree: sequential } = summary;
  const open = OPEN.includes(session.status);
  const epics = summary.epics.filter(({ number }) => !open || inSession(session, number));
  const steps = epics.flatMap((epic) => mergeSteps(epic, { session, open }, hint));
  if (sequential) {
    // To run it again would only follow it.
    const again = open ? hint('merge', 'sequential', '--project', session.project) : runLine(session, hint);
    steps.push(...sequentialSteps(sequential, again));
  }
  steps.push(...lost.map((result) => lostStep(summary, result, hint)));
  steps.push(...taskSteps({ ...summary, epics }, open, hint));
  const unfinished = tasks.pending + tasks.blocked + tasks.running;
  if (session.status === 'paused') steps.push(pauseStep(summary, hint));
  if (!open && tasks.failed === 0 && unfinished > 0)
    steps.push({ problem: `${plural(unfinished, 'task')} not done yet`, commands: [runLine(session, hint)] });
  if (!open) steps.push(...unlandedSteps(summary, lost, hint));
  return steps;
}

/** What an open session left out cannot be steered in it. */
const inSession = ({ options }: SessionSummary['session'], epic: number): boolean =>
  !Array.isArray(options.epics) || options.epics.includes(epic);

/** Epics that are done and whose merge nobody tried: the session was stopped before. */
function unlandedSteps(
  { session, epics }: SessionSummary,
  lost: readonly EpicResult[],
  hint: Hint,
): NextStep[] {
  const finished = epics.filter(
    ({ number, tasks, worktree }) =>
      worktree?.status === 'active' &&
      tasks.every(({ status }) => status === 'complete' || status === 'skipped') &&
      tasks.some(({ status }) => status === 'complete') &&
      !lost.some(({ epic }) => epic === number),
  );
  if (finished.length === 0) return [];
  const problem = `${plural(finished.length, 'epic')} finished but not landed`;
  return [{ problem, commands: [runLine(session, hint)] }];
}

function mergeSteps(
  { number, name, worktree, tasks }: EpicSummary,
  { session, open }: Pick<SessionSummary, 'session'> & { open: boolean },
  hint: Hint,
): NextStep[] {
  if (!worktree) return [];
  const problem = mergeProblem(`Epic ${number} ${title(name)}`, worktree);
  if (!problem) return [];
  const to = ['--project', session.project];
  const output = printedBy(worktree);
  const step = (then: string) => ({
    problem,
    ...(output.length ? { output } : {}),
    commands: [...resolution(worktree), then],
  });
  const undone = tasks.filter(({ status }) => status !== 'complete' && status !== 'skipped');
  if (undone.length === 0) return [step(hint('merge', number, ...to))];
  // Nothing is merged before its tasks are done. What kept it from that earlier says nothing by then; a conflict stays.
  if (worktree.status !== 'conflict') return [];
  if (!open) return [step(runLine(session, hint))];
  const failed = undone.find(({ status }) => status === 'failed');
  return failed ? [step(hint('retry', failed.number, ...to))] : [];
}

const MOST_LINES = 12;

/** The end of what the merged tree printed that did not pass. */
function printedBy({ failedOutput }: Merge): string[] {
  return (failedOutput ?? '')
    .trimEnd()
    .split('\n')
    .slice(-MOST_LINES)
    .filter(Boolean)
    .map((line) => firstLine(line));
}

function lostStep(summary: SessionSummary, { epic, reason }: EpicResult, hint: Hint): NextStep {
  const name = summary.epics.find(({ number }) => number === epic)?.name ?? '';
  const why = firstLine(reason ?? 'its workflow ended', 400);
  return {
    problem: `Epic ${epic} ${title(name)} was lost: ${why}; its work is kept`,
    commands: [runLine(summary.session, hint)],
  };
}

function sequentialSteps(worktree: Merge, run: string): NextStep[] {
  const problem = mergeProblem('The sequential worktree', worktree);
  return problem ? [{ problem, commands: [...resolution(worktree), run] }] : [];
}

function mergeProblem(what: string, { status, conflict, blockedReason }: Merge): string | null {
  if (status === 'blocked') return `${what} waits to be merged: ${firstLine(blockedReason ?? '', 400)}`;
  if (status !== 'conflict') return null;
  const files = conflict?.files.map(({ path, kind }) => `${firstLine(path)} (${kind})`).join(', ');
  return `${what} has a merge conflict in ${files || 'unknown files'}`;
}

function resolution({ status, path, failedOutput }: Merge): string[] {
  const cd = `cd ${quoted(path)}`;
  if (status === 'conflict')
    return [cd, 'git status    # edit the files, then', 'git add --all && git commit --no-edit'];
  // Its verification was red: merging it again as it is would be red again.
  return failedOutput === null ? [] : [`${cd}    # make it pass, commit it, then`];
}

const quoted = (path: string) =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;

const MOST_TASKS = 10;

function taskSteps({ session, epics }: SessionSummary, open: boolean, hint: Hint): NextStep[] {
  const failed = epics.flatMap((epic) => epic.tasks).filter((task) => task.status === 'failed');
  const to = ['--project', session.project];
  const why = ({ number, attempts }: TaskSummary) =>
    attempts > 0 ? [`${hint('transcript', number, ...to)}    # why`] : [];
  const steps = failed.slice(0, MOST_TASKS).map((task) => ({
    problem: `T${task.number} ${title(task.title)} failed: ${firstLine(task.reason ?? 'no reason recorded', 400)}`,
    commands: open
      ? [hint('retry', task.number, ...to), `or ${hint('skip', task.number, ...to)}`]
      : why(task),
  }));
  const rest = failed.length - steps.length;
  if (rest > 0) steps.push({ problem: `and ${plural(rest, 'more failed task')}`, commands: [] });
  if (!open && steps.length > 0) steps.at(-1)!.commands.push(runLine(session, hint));
  return steps;
}
