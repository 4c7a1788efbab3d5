import { appendEvent } from '../../db/events/events';
import { commitOf } from '../../git/content/commits';
import { claimSpace } from '../../git/worktree/free-space';
import { branchRef } from '../../git/refs/refs';
import { exists } from '../../git/repository/exists';
import type { ActivityDependencies } from '../scope/dependencies';
import { fail } from '../scope/failure';
import type { Place } from '../scope/place';

const MB = 1_000_000;
/** What set-up and agents may still write, unless `YOKEFLOW_MIN_FREE_MB` says otherwise. */
const DEFAULT_RESERVE_MB = 500;
const LOOK_AGAIN_MS = 30_000;

/**
 * A disk that runs full takes the repository, PostgreSQL and every agent with it: a worktree that does not fit is not
 * begun. Worktrees that land make room, so it is tried again until there is. What is taken is to be released once the
 * worktree is there.
 * @throws ApplicationFailure `DiskFull` (retried)
 */
export async function requireSpace(deps: ActivityDependencies, place: Place, start: string): Promise<void> {
  const { repository, worktree, branch } = place;
  const { path } = worktree;
  if (await exists(path)) return;
  const setting = Number(deps.environment.YOKEFLOW_MIN_FREE_MB);
  const reserve = MB * (setting >= 0 ? setting : DEFAULT_RESERVE_MB);
  const commit = (await commitOf(repository, branchRef(branch))) ?? start;
  const missing = await claimSpace(repository, { path, commit, reserve });
  if (!missing) return;
  const mb = (bytes: number) => `${Math.ceil(bytes / MB)} MB`;
  // The command comes first: where there is little room, the end is cut off.
  const reason =
    `the disk is nearly full: yokeflow worktrees clean --project ${place.project.name} may make room, it goes on by itself; ` +
    `${mb(missing.free)} are free, and ${path} needs ${mb(missing.needed)}`;
  await appendEvent(deps.db, {
    sessionId: place.session.id,
    type: 'attention_needed',
    epic: place.epic,
    data: { outcome: 'waiting', reason, worktree: path },
    key: `disk:${worktree.id}`,
  });
  throw fail('DiskFull', reason, LOOK_AGAIN_MS);
}
