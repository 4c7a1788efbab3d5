import type { Database } from '../../db/connection';
import type { Project } from '../../db/projects';
import { withRepositoryLock } from '../../db/repository-lock';
import { setWorktreeStatus } from '../../db/worktree-status';
import { listWorktrees, type Worktree } from '../../db/worktrees';
import { commitOf, unlanded } from '../../git/commits';
import { landedTips } from '../../git/landing';
import type { Repository } from '../../git/repository';
import { hasUncommittedWork } from '../../git/snapshot';
import { exists } from '../../git/status';
import { removeWorktree } from '../../git/worktree-removal';
import { UsageError } from '../exit';
import { asOwner } from './lease';
import { repositoryOf } from './repository';

export interface CleanRequest {
  /** Only of these; of all where empty. */
  epics: number[];
  dryRun: boolean;
  force: boolean;
}

export interface Cleaned {
  epic: number | null;
  path: string;
  removed: boolean;
  /** Why it stays, or what stays of it. */
  reason: string | null;
  /** Where work that was not merged or committed is kept. */
  snapshotRef: string | null;
}

/** Removes worktrees that hold nothing unmerged and nothing uncommitted; with `force` the others too, kept in a ref. */
export async function cleanWorktrees(
  db: Database,
  project: Project,
  request: CleanRequest,
): Promise<Cleaned[]> {
  const repository = await repositoryOf(project);
  const stored = (await listWorktrees(db, project.id)).filter(({ status }) => status !== 'removed');
  const { epics } = request;
  const strange = epics.find((epic) => !stored.some((worktree) => worktree.epic === epic));
  if (strange !== undefined) throw new UsageError(`epic ${strange} of ${project.name} has no worktree`);
  const chosen =
    epics.length === 0 ? stored : stored.filter(({ epic }) => epic !== null && epics.includes(epic));
  const cleaned: Cleaned[] = [];
  for (const worktree of chosen) {
    const clean = request.dryRun ? preview : remove;
    const owned = await asOwner(db, worktree.id, () =>
      withRepositoryLock(db, project.gitDir, (signal) =>
        clean({ ...repository, signal }, project.baseBranch, worktree, request.force),
      ),
    );
    const result = owned.owned ? owned.value : stays(worktree, owned.reason);
    if (result.removed && !request.dryRun)
      await setWorktreeStatus(db, { worktreeId: worktree.id, status: 'removed' });
    cleaned.push(result);
  }
  return cleaned;
}

const stays = ({ epic, path }: Worktree, reason: string): Cleaned => ({
  epic,
  path,
  removed: false,
  reason,
  snapshotRef: null,
});

async function remove(
  repository: Repository,
  baseBranch: string,
  worktree: Worktree,
  force: boolean,
): Promise<Cleaned> {
  const { epic, path, branchName: branch } = worktree;
  const snapshotRef = `refs/yokeflow/wip/worktree-${worktree.id}/${Date.now()}`;
  const base = await landedTips(repository, { baseBranch });
  const removal = await removeWorktree(repository, { path, branch, base, force, snapshotRef });
  const { removed, reason = null, snapshot } = removal;
  return { epic, path, removed, reason, snapshotRef: snapshot ? snapshotRef : null };
}

/** What `remove` would do, without doing it. */
async function preview(
  repository: Repository,
  baseBranch: string,
  worktree: Worktree,
  force: boolean,
): Promise<Cleaned> {
  const { epic, path, branchName } = worktree;
  const tip = await commitOf(repository, `refs/heads/${branchName}`);
  const tips = await landedTips(repository, { baseBranch });
  const unmerged = tip !== null && (await unlanded(repository, [tip], tips)).unlanded.size > 0;
  const dirty = (await exists(path)) && (await hasUncommittedWork(repository, path));
  const reasons = [
    ...(unmerged ? [`branch ${branchName} has commits that are not merged`] : []),
    ...(dirty ? ['has uncommitted changes'] : []),
  ];
  const removed = force || reasons.length === 0;
  return { epic, path, removed, reason: reasons.join(', ') || null, snapshotRef: null };
}
