import type { Colors } from 'picocolors/types';
import type { EpicSummary, SessionSummary, TaskSummary, WorktreeSummary } from '../../db/session/summary';
import { pullRequestName } from '../../domain/landing/pull-request';
import { isFinished, type TaskStatus } from '../../domain/model';
import type { EpicResult } from '../../domain/session/session-result';
import { plural } from '../../domain/plural';
import type { NextStep } from './next-step';
import { waitsToLand, type Unlanded } from './unlanded';
import { title } from '../text/plan-names';
import { padded, widest } from '../text/table';
import { cost, duration, firstLine, shortCommit } from '../text/units';

const MARKERS: Record<TaskStatus, string> = {
  complete: '[x]',
  running: '[>]',
  failed: '[!]',
  pending: '[ ]',
  blocked: '[-]',
  skipped: '[~]',
};

/** Of a larger plan only the tasks that are not done are listed, and at most this many. */
const MOST_TASKS = 100;

export interface SummaryView {
  summary: SessionSummary;
  steps: NextStep[];
  /** Epics whose workflow ended without a result: only Temporal knows of them. */
  lost?: readonly EpicResult[];
  unlanded?: Unlanded;
  /** The session's page in the Web UI, if there is one. */
  link: string | null;
  colours: Colors;
}

/** How a session stands, or what came of it: epics, tasks, what to do next. */
export function summaryText(view: SummaryView): string {
  const { summary, steps, lost = [], unlanded = null, link, colours } = view;
  const lines = [colours.bold(headline(summary)), taskCounts(summary), ''];
  const large = summary.epics.reduce((sum, epic) => sum + epic.tasks.length, 0) > MOST_TASKS;
  const { epics: shown, left } = large ? unfinishedWork(summary.epics) : { epics: summary.epics, left: 0 };
  const width = widest(shown.flatMap(({ tasks }) => tasks.map(nameOf)));
  for (const epic of shown) {
    const status = lostStatus(epic, lost, colours) ?? epicStatus(epic, summary, { unlanded, colours });
    lines.push(`Epic ${epic.number} ${title(epic.name)}${status}`);
    lines.push(...epic.tasks.map((task) => taskLine(task, width, colours)));
  }
  const more = left > 0 ? `, and so ${left === 1 ? 'is' : 'are'} ${plural(left, 'more task')}` : '';
  if (large) lines.push(`(finished work is left out${more}; --json shows all)`);
  if (steps.length > 0) lines.push('', colours.bold('What to do'), ...steps.flatMap(stepLines));
  if (link) lines.push('', `Web UI: ${link}`);
  return lines.join('\n');
}

/** `left`: how many tasks that are not done had no room. */
function unfinishedWork(epics: readonly EpicSummary[]): { epics: EpicSummary[]; left: number } {
  let [room, left] = [MOST_TASKS, 0];
  const shown = epics.flatMap((epic) => {
    const open = epic.tasks.filter((task) => !isDone(task));
    const tasks = open.slice(0, room);
    room -= tasks.length;
    left += open.length - tasks.length;
    const nothing = open.length > 0 || epic.worktree?.mergeCommit;
    return tasks.length === 0 && nothing ? [] : [{ ...epic, tasks }];
  });
  return { epics: shown, left };
}

function headline({ session }: SessionSummary): string {
  const { id, project, status, statusReason, durationSeconds, totalCostUsd, costUnknown } = session;
  const took = durationSeconds === null ? '' : ` in ${duration(durationSeconds * 1000)}`;
  const spent = totalCostUsd > 0 || costUnknown ? `, ${cost(totalCostUsd, costUnknown)}` : '';
  const why = statusReason ? `: ${firstLine(statusReason)}` : '';
  return `${project}: session ${id} ${status}${took}${spent}${why}`;
}

function taskCounts({ tasks }: SessionSummary): string {
  const order: TaskStatus[] = ['complete', 'skipped', 'running', 'failed', 'blocked', 'pending'];
  const parts = order.filter((status) => tasks[status] > 0).map((status) => `${tasks[status]} ${status}`);
  const total = order.reduce((sum, status) => sum + tasks[status], 0);
  return `${plural(total, 'task')}: ${parts.join(', ') || 'none'}`;
}

function lostStatus(
  { number }: EpicSummary,
  lost: readonly EpicResult[],
  colours: Colors,
): string | undefined {
  const result = lost.find(({ epic }) => epic === number);
  return result && colours.red(`  lost: ${firstLine(result.reason ?? 'its workflow ended')}`);
}

function epicStatus(
  { worktree, tasks }: EpicSummary,
  { session, sequentialWorktree }: SessionSummary,
  { unlanded, colours }: { unlanded: Unlanded; colours: Colors },
): string {
  const landedAlone =
    worktree?.mergeCommit && (worktree.status === 'merged' || worktree.status === 'removed');
  // What an earlier parallel session landed is no part of the sequential branch.
  if (session.options.parallel !== true && sequentialWorktree && !landedAlone) {
    const ended = session.durationSeconds !== null;
    return ended && tasks.length > 0
      ? sequentialStatus(tasks, sequentialWorktree, { unlanded, colours })
      : '';
  }
  if (!worktree) return '';
  const { status, mergeCommit, branchName, pullRequest } = worktree;
  if (status === 'proposed' && pullRequest) return colours.green(`  ${pullRequestName(pullRequest)}`);
  if (status === 'merged' || status === 'removed') {
    if (mergeCommit) return colours.green(`  merged as ${shortCommit(mergeCommit)}`);
    // Nobody cares whether its worktree is still there.
    return tasks.some((task) => task.status === 'complete')
      ? colours.green('  merged')
      : '  nothing to merge';
  }
  if (status === 'conflict' || status === 'blocked') return colours.red(`  ${status} (branch ${branchName})`);
  return status === 'active' ? `  on branch ${branchName}` : `  ${status}`;
}

/** One worktree serves all epics: what it has finished lands together. */
function sequentialStatus(
  tasks: readonly TaskSummary[],
  { status, mergeCommit, branchName }: WorktreeSummary,
  { unlanded, colours }: { unlanded: Unlanded; colours: Colors },
): string {
  const done = tasks.filter(isDone).length;
  if (done === 0) return '';
  const what = done === tasks.length ? '' : ` (${done} of ${plural(tasks.length, 'task')})`;
  if (status === 'conflict' || status === 'blocked') {
    const waits = tasks.some((task) => waitsToLand(task, unlanded));
    return waits ? colours.red(`  ${status} (branch ${branchName})`) : colours.green(`  landed${what}`);
  }
  if (status === 'active') return `  on branch ${branchName}${what}`;
  return colours.green(`  landed${mergeCommit ? ` with ${shortCommit(mergeCommit)}` : ''}${what}`);
}

const isDone = ({ status }: TaskSummary) => isFinished(status);

const nameOf = (task: TaskSummary) => `T${task.number} ${title(task.title)}`;

function taskLine(task: TaskSummary, width: number, colours: Colors): string {
  const line = `  ${MARKERS[task.status]} ${padded(nameOf(task), width)}  ${outcome(task)}`.trimEnd();
  if (task.status === 'failed') return colours.red(line);
  return task.status === 'blocked' ? colours.yellow(line) : line;
}

function outcome({ status, durationMs, costUsd, costUnknown, attempts, reason }: TaskSummary): string {
  const took = durationMs === null ? '' : duration(durationMs);
  const spent = costUsd > 0 || costUnknown ? cost(costUsd, costUnknown) : '';
  const tries = attempts > 1 ? plural(attempts, 'try', 'tries') : '';
  const figures = [took, spent, tries].filter(Boolean).join(', ');
  if (status === 'complete') return figures;
  const words = status === 'pending' ? '' : status;
  const why = reason ? `${words ? ': ' : ''}${firstLine(reason)}` : '';
  return `${words}${why}${figures ? ` (${figures})` : ''}`.trim();
}

function stepLines({ problem, output = [], commands }: NextStep): string[] {
  const printed = output.map((line) => `    | ${line}`);
  return [`  ${problem}`, ...printed, ...commands.map((command) => `    ${command}`)];
}
