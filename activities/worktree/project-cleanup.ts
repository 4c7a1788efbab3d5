import { failureOf } from '../../agents/process/shell';
import { appendEvent } from '../../db/events/events';
import { setWorktreeNote } from '../../db/worktree/worktree-status';
import { CLEANUP_LIMIT_MS } from '../../domain/session/activity-limits';
import { exists } from '../../git/repository/exists';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Lease } from '../scope/lease';
import { runUnderLease } from './lease-script';
import type { Place } from '../scope/place';
import { environmentOf } from './environment';

/**
 * The project's `cleanup` command, for what `setup` and agents made outside of the worktree: databases, containers.
 * False when it failed: then the worktree stays, and its note says why.
 */
export async function runProjectCleanup(
  deps: ActivityDependencies,
  place: Place,
  lease: Lease,
): Promise<boolean> {
  const { project, worktree, session, epic } = place;
  if (!project.cleanup || !(await exists(worktree.path))) return true;
  const result = await runUnderLease(lease, {
    script: project.cleanup,
    directory: worktree.path,
    environment: environmentOf(deps, place, null),
    timeoutMs: CLEANUP_LIMIT_MS,
  });
  lease.signal.throwIfAborted();
  const failure = failureOf('cleanup', result, { timeoutMs: CLEANUP_LIMIT_MS, redact: deps.redact });
  if (!failure) return true;
  const reason = deps.redact(
    `${failure}; the worktree stays: yokeflow worktrees clean --project ${project.name}`,
  );
  await setWorktreeNote(deps.db, { worktreeId: worktree.id, note: reason });
  await appendEvent(deps.db, {
    sessionId: session.id,
    type: 'attention_needed',
    epic,
    data: { outcome: 'note', reason, worktree: worktree.path },
    key: `cleanup:${worktree.id}`,
  });
  return false;
}
