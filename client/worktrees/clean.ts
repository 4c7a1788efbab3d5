import type { Database } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { listWorktrees, type Worktree } from '../../db/worktree/worktrees';
import { landedTips } from '../../git/landing/landing';
import type { Repository } from '../../git/repository/repository';
import { exists } from '../../git/repository/exists';
import { deleteRemoved, takeOut, whyNotRemovable } from '../../git/worktree/worktree-removal';
import { UsageError } from '../cli/exit';
import { diskUse } from './disk-use';
import { openOurs } from './claim';
import { asOwner, type Owner } from './lease';
import { cleanUpAfter } from './project-cleanup';

export interface CleanRequest {
  /** Only of these; of all where empty. */
  epics: number[];
  dryRun: boolean;
  force: boolean;
  /** Ends the project's command that runs, and leaves the rest as it is. */
  signal: AbortSignal;
}

export interface Cleaned {
  epic: number | null;
  path: string;
  removed: boolean;
  /** Why it stays, or what stays of it. */
  reason: string | null;
  /** Where work that was not merged or committed is kept. */
  snapshotRef: string | null;
  /** What it takes, or took, on disk; null where it stays or was not there. */
  sizeBytes: number | null;
}

interface Chosen {
  project: Project;
  worktree: Worktree;
  identity: Repository['identity'];
  force: boolean;
  signal: AbortSignal;
  owner: Owner;
  /** What looks at git or changes it; what takes long and does neither is not to keep merges waiting. */
  locked: <T>(work: (repository: Repository) => Promise<T>) => Promise<T>;
}

/** Removes worktrees that hold nothing unmerged and nothing uncommitted; with `force` the others too, kept in a ref. */
export async function cleanWorktrees(
  db: Database,
  project: Project,
  request: CleanRequest,
): Promise<Cleaned[]> {
  const repository = await openOurs(project);
  const stored = (await listWorktrees(db, project.id)).filter(({ status }) => status !== 'removed');
  const { epics } = request;
  const strange = epics.find((epic) => !stored.some((worktree) => worktree.epic === epic));
  if (strange !== undefined) throw new UsageError(`epic ${strange} of ${project.name} has no worktree`);
  const chosen =
    epics.length === 0 ? stored : stored.filter(({ epic }) => epic !== null && epics.includes(epic));
  const cleaned: Cleaned[] = [];
  const { force, signal } = request;
  for (const worktree of chosen) {
    if (signal.aborted) break;
    const clean = request.dryRun ? preview : remove;
    const locked: Chosen['locked'] = (work) =>
      withRepositoryLock(db, project.gitDir, (signal) => work({ ...repository, signal }));
    const owned = await asOwner(db, worktree.id, (owner) =>
      clean({ project, worktree, identity: repository.identity, force, signal, owner, locked }),
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
  sizeBytes: null,
});

async function remove(chosen: Chosen): Promise<Cleaned> {
  const { project, worktree, force, signal, owner, locked } = chosen;
  const { epic, path, branchName: branch } = worktree;
  const sizeBytes = await sizeOf(path);
  const baseOf = (repository: Repository) => landedTips(repository, { baseBranch: project.baseBranch });
  const why = force
    ? null
    : await locked(async (repository) =>
        whyNotRemovable(repository, { path, branch, base: await baseOf(repository) }),
      );
  if (why) return stays(worktree, why);
  const failed = sizeBytes === null ? null : await cleanUpAfter(chosen);
  if (signal.aborted) return stays(worktree, failed ?? 'interrupted');
  if (failed && !force) return stays(worktree, `${failed} (--force removes it all the same)`);
  const snapshotRef = `refs/yokeflow/wip/worktree-${worktree.id}/${Date.now()}`;
  const removal = await locked(async (repository) =>
    (await owner.isStill())
      ? takeOut(repository, { path, branch, base: await baseOf(repository), force, snapshotRef })
      : null,
  );
  if (!removal) return stays(worktree, 'somebody has begun to work in it meanwhile');
  const left = await deleteRemoved(path);
  const { removed, snapshot } = removal;
  const reason = removal.reason ?? failed ?? left;
  return { epic, path, removed, reason, snapshotRef: snapshot ? snapshotRef : null, sizeBytes };
}

/** What `remove` would do, without doing it. */
async function preview({ project, worktree, force, locked }: Chosen): Promise<Cleaned> {
  const { epic, path, branchName: branch } = worktree;
  const [refused, forced] = await locked(async (repository) => {
    const request = { path, branch, base: await landedTips(repository, { baseBranch: project.baseBranch }) };
    return [
      await whyNotRemovable(repository, { ...request, force }),
      force ? await whyNotRemovable(repository, request) : null,
    ];
  });
  const sizeBytes = await sizeOf(path);
  const reason = refused ?? forced;
  return { epic, path, removed: refused === null, reason, snapshotRef: null, sizeBytes };
}

const sizeOf = async (path: string) => ((await exists(path)) ? diskUse(path) : null);
