import { firstLine } from '../first-line';
import { pullRequestsText } from '../landing/pull-request';
import { plural } from '../plural';
import type { ConflictFile, SessionStatus, WorktreeStatus } from '../model';

/**
 * How one epic ended. `incomplete`: not all of its tasks are complete, so it was not merged. `lost`: its workflow
 * was terminated or failed.
 */
export interface EpicResult {
  epic: number;
  status: Exclude<WorktreeStatus, 'removed'> | 'incomplete' | 'lost';
  /** The commit on the base branch that brought it in. */
  mergeCommit?: string;
  /** Of an epic that is `proposed`: who merges it is somebody else. */
  pullRequest?: { number: number; url: string };
  reason?: string;
  /** The files in conflict, or in the way. */
  files?: ConflictFile[];
}

export interface TaskProblem {
  task: number;
  status: 'failed' | 'blocked' | 'pending';
  reason: string;
}

/** What a session came to: ids, counts and reasons only, since it travels through Temporal. */
export interface SessionResult {
  /** 0: a scheduled run that found another session open, and ran none. */
  sessionId: number;
  project: string;
  status: SessionStatus;
  /** Tasks of the plan by status, at the end. */
  tasks: { complete: number; skipped: number; failed: number; blocked: number; pending: number };
  /** Epics that landed in this session, and those that did not land; at most `MAX_LISTED` of each. */
  epics: EpicResult[];
  /** Tasks that did not complete; at most `MAX_LISTED`. */
  problems: TaskProblem[];
  durationSeconds: number;
  costUsd: number;
  /** What a person should know: work found missing, a base branch that was rewritten. */
  notes: string[];
}

/** Keeps a result of any plan within a few tens of kB. */
export const MAX_LISTED = 100;

/** Characters of a reason that are shown. */
const MAX_REASON = 200;

/** How the note begins of a scheduled run that found another session open. */
export const BUSY_NOTE = 'did not run: ';

/** The pages of the pull requests that wait for somebody. */
export const proposedIn = (epics: readonly EpicResult[]): string[] =>
  epics.flatMap(({ status, pullRequest }) => (status === 'proposed' && pullRequest ? [pullRequest.url] : []));

/** What a session is said to have done that found nothing to run and nothing to merge. */
export function nothingToDo(
  { pending, failed, blocked }: SessionResult['tasks'],
  proposed: readonly string[] = [],
): string {
  if (proposed.length) return `nothing to do: ${pullRequestsText(proposed, 'not merged yet')}`;
  const all = pending + failed + blocked === 0;
  return `nothing to do: ${all ? 'everything' : 'what was asked for'} has landed`;
}

/** What a session is said to have come to that landed all that it was asked for: others of the plan may be open. */
export function allLanded(
  { pending = 0, failed = 0, blocked = 0 }: Partial<SessionResult['tasks']>,
  proposed: readonly string[] = [],
): string {
  const open = pending + failed + blocked;
  const others = `${plural(open, 'task')} of other epics ${open === 1 ? 'is' : 'are'} open`;
  if (proposed.length) return `${pullRequestsText(proposed, 'opened')}${open ? `; ${others}` : ''}`;
  return open === 0 ? 'everything landed' : `what was asked for landed, ${others}`;
}

/** At most five lines: the outcome, the first cause, and the command that shows the rest. */
export function describeResult(result: SessionResult): string {
  const { complete, skipped, failed, blocked, pending } = result.tasks;
  const landed = result.epics.filter((epic) => epic.mergeCommit).length;
  const proposed = proposedIn(result.epics);
  const counts = [
    `${plural(complete, 'task')} complete`,
    skipped ? `${skipped} skipped` : '',
    failed ? `${failed} failed` : '',
    blocked ? `${blocked} blocked` : '',
    pending ? `${pending} not started` : '',
  ];
  const lines = [`${plural(landed, 'epic')} merged; ${counts.filter(Boolean).join(', ')}.`];
  if (proposed.length) lines.push(`${pullRequestsText(proposed, 'opened')}.`);
  const problem = result.problems.find((one) => one.status === 'failed');
  if (problem) lines.push(`T${problem.task} failed: ${firstLine(problem.reason, MAX_REASON)}`);
  const epic = result.epics.find((one) => ['conflict', 'blocked', 'lost'].includes(one.status));
  if (epic)
    lines.push(
      `Epic ${epic.epic}: ${epic.status}${epic.reason ? `, ${firstLine(epic.reason, MAX_REASON)}` : ''}`,
    );
  lines.push(`See: yokeflow status --project ${result.project}`);
  return lines.join('\n');
}
