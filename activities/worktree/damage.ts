import { Context } from '@temporalio/activity';
import { isOutOfOrder } from '../scope/failure';

/**
 * Tries of one activity, by Temporal's back-off about 80 seconds, after which trouble with git no longer counts as
 * passing (a lock, a full disk) but as damage.
 */
const PATIENCE = 10;

/** `DirtyWorktree` after a reset: a submodule whose commit nobody has stands elsewhere for good. */
const PASSING = ['GitError', 'DirtyWorktree'];

/** Whether git will not work here any more: the worktree is gone, or git has failed for too long. */
export function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error.name === 'NotAWorktree' || error.name === 'WorktreeProblem') return true;
  return PASSING.includes(error.name) && !isOutOfOrder(error) && Context.current().info.attempt >= PATIENCE;
}
