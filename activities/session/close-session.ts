import { Context } from '@temporalio/activity';
import { startOf } from '../../domain/cut-text';
import { isFinished } from '../../domain/model';
import { LAST_CLEANUP_BEGINS_MS } from '../../domain/session/activity-limits';
import { closeSession as storeClosed, hasWorked } from '../../db/session/session-close';
import { noteFor, sessionNotes } from '../../db/session/session-notes';
import { getSession } from '../../db/session/sessions';
import { sessionSummary, type SessionSummary } from '../../db/session/summary';
import { openAttempts } from '../../db/task/worktree-attempts';
import { getWorktree, listWorktrees, type Worktree } from '../../db/worktree/worktrees';
import {
  MAX_LISTED,
  nothingToDo,
  proposedIn,
  type EpicResult,
  type SessionResult,
  type TaskProblem,
} from '../../domain/session/session-result';
import { fileNames } from '../../domain/file-names';
import { isAway } from '../scope/failure';
import { cleanupWorktree } from '../worktree/cleanup-worktree';
import type { CloseSessionInput } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import { holdDropped } from './dropped-epics';
import { takenOver, undoOpenTries } from './open-tries';
import { withLease } from '../scope/lease';
import { openSite, siteRecord, type Site, type SiteRecord } from '../scope/place';
import { reopenIfReset } from '../scope/reset-session';

/** In a payload, and to be read by a person. */
const MAX_NOTES = 20;
/** Characters of a reason or a note, which may name thousands of files; PostgreSQL has all of it. */
const MAX_TEXT = 1_000;
const brief = (text: string) => startOf(text, MAX_TEXT);

/** Settles what is still open, closes the session's row, and says what it came to. */
export async function closeSession(
  deps: ActivityDependencies,
  input: CloseSessionInput,
): Promise<SessionResult> {
  const { sessionId } = input;
  // A later try may have closed it itself.
  if (Context.current().info.attempt === 1) await reopenIfReset(deps, await getSession(deps.db, sessionId));
  const sure = await settle(deps, input).catch((error: unknown) => leaveUnsettled(deps, input, error));
  const site = await siteRecord(deps.db, sessionId);
  const before = await sessionSummary(deps.db, sessionId);
  const epics = withLost(epicResults(before, site), input.lost ?? []);
  const sequential = await getWorktree(deps.db, { projectId: site.project.id, epic: null });
  const landed = sure && allLanded(epics, site, sequential);
  const ended = input.cancelled ? 'cancelled' : landed ? 'complete' : 'incomplete';
  const status = input.failure ? 'failed' : ended;
  const session = await storeClosed(deps.db, {
    sessionId,
    status,
    pullRequests: proposedIn(epics).slice(0, MAX_LISTED),
    ...(input.failure ? { reason: input.failure } : {}),
  });
  const { tasks } = await sessionSummary(deps.db, sessionId);
  const counts = {
    complete: tasks.complete,
    skipped: tasks.skipped,
    failed: tasks.failed,
    blocked: tasks.blocked,
    pending: tasks.pending + tasks.running,
  };
  const idle = status === 'complete' && !(await hasWorked(deps.db, sessionId));
  return {
    sessionId,
    project: site.project.name,
    status,
    tasks: counts,
    epics: epics
      .slice(0, MAX_LISTED)
      .map((epic) => (epic.reason === undefined ? epic : { ...epic, reason: brief(epic.reason) })),
    problems: problemsOf(before).slice(0, MAX_LISTED),
    durationSeconds: session.durationSeconds ?? 0,
    costUsd: session.totalCostUsd,
    notes: [
      ...(idle ? [nothingToDo(counts, proposedIn(epics))] : []),
      ...(await sessionNotes(deps.db, sessionId, MAX_NOTES)).map(brief),
    ],
  };
}

/** Settles what is still open in the repository. @returns whether all that counts as landed is known to be there */
async function settle(deps: ActivityDependencies, input: CloseSessionInput): Promise<boolean> {
  const { sessionId, cancelled } = input;
  const status = cancelled ? 'cancelled' : 'abandoned';
  await undoOpenTries(deps, { sessionId }, { status, reason: 'its session ended' });
  const site = await openSite(deps.db, sessionId);
  const sure = !input.failure && (await holdDropped(deps, site, input));
  await removeLanded(deps, site);
  return sure;
}

/** A cancelled session does not wait for a repository that is away, perhaps for good: the next one settles what it left. */
async function leaveUnsettled(
  deps: ActivityDependencies,
  { sessionId, cancelled }: CloseSessionInput,
  error: unknown,
): Promise<boolean> {
  if (!cancelled || !isAway(error)) throw error;
  for (const attempt of await openAttempts(deps.db, sessionId))
    await withLease(deps.db, takenOver(sessionId, attempt), (lease) => lease.release());
  const note = `${error.message}; the next session puts aside what was being worked on`;
  await noteFor(deps.db, { sessionId, note: deps.redact(note) });
  return false;
}

/**
 * Landed worktrees whose clean-up was cancelled or failed. What cannot go now waits for the next session: the project's own
 * command may hang for minutes, and of those that hang, one is tried again.
 */
async function removeLanded(deps: ActivityDependencies, { session, project }: Site): Promise<void> {
  const began = performance.now();
  for (const worktree of await listWorktrees(deps.db, project.id)) {
    if (worktree.status !== 'merged') continue;
    if (performance.now() - began > LAST_CLEANUP_BEGINS_MS) return;
    await cleanupWorktree(deps, { sessionId: session.id, epic: worktree.epic }).catch((error: unknown) => {
      if (!(error instanceof Error) || !CLEANUP_WAITS.includes(error.name)) throw error;
    });
  }
}

const CLEANUP_WAITS = ['GitError', 'NotAWorktree', 'WorktreeProblem', 'ApplicationFailure'];

/** Only the parent knows why a lane ended without a result. What landed all the same, or is proposed, is not lost. */
function withLost(epics: EpicResult[], lost: NonNullable<CloseSessionInput['lost']>): EpicResult[] {
  const reasons = new Map(lost.map(({ epic, reason }) => [epic, reason]));
  return epics.map((one) => {
    const reason = reasons.get(one.epic);
    const done = one.status === 'merged' || one.status === 'proposed';
    return reason === undefined || done ? one : { ...one, status: 'lost' as const, reason };
  });
}

const asked = ({ options }: SiteRecord, epic: number) => !options.epics || options.epics.includes(epic);

function epicResults(summary: SessionSummary, site: SiteRecord): EpicResult[] {
  return summary.epics
    .filter(({ number }) => asked(site, number))
    .map((epic): EpicResult => {
      const { worktree } = epic;
      const result = {
        epic: epic.number,
        ...(worktree?.mergeCommit ? { mergeCommit: worktree.mergeCommit } : {}),
      };
      if (worktree?.status === 'conflict' && worktree.conflict) {
        const files = worktree.conflict.files.slice(0, MAX_LISTED);
        return {
          ...result,
          status: 'conflict',
          files,
          reason: worktree.conflict.held ?? `conflict in ${fileNames(files.map((file) => file.path))}`,
        };
      }
      if (worktree?.status === 'blocked')
        return { ...result, status: 'blocked', reason: worktree.blockedReason ?? '' };
      const whole = epic.tasks.every((task) => isFinished(task.status));
      if (!whole) return { ...result, status: 'incomplete' };
      if (worktree?.status === 'proposed' && worktree.pullRequest) {
        const { number, url } = worktree.pullRequest;
        return { ...result, status: 'proposed', pullRequest: { number, url } };
      }
      // Whether its folder is gone by now says nothing of how the epic ended.
      if (!worktree || worktree.status === 'removed') return { ...result, status: 'merged' };
      return { ...result, status: worktree.status };
    });
}

/** A session of one worktree has no epic branches: there, what counts is that its branch landed. */
function allLanded(epics: EpicResult[], { options }: SiteRecord, sequential: Worktree | null): boolean {
  const settled = ['merged', ...(options.pullRequests ? ['proposed'] : [])];
  const landed = ({ status }: EpicResult) =>
    settled.includes(status) || (!options.parallel && status === 'active');
  const waits = sequential?.status === 'blocked' || sequential?.status === 'conflict';
  return epics.every(landed) && !waits;
}

function problemsOf(summary: SessionSummary): TaskProblem[] {
  return summary.epics
    .flatMap((epic) => epic.tasks)
    .flatMap(({ number, status, reason }): TaskProblem[] =>
      status === 'failed' || status === 'blocked'
        ? [{ task: number, status, reason: brief(reason ?? status) }]
        : [],
    );
}
