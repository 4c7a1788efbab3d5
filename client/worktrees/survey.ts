import type { Queryable } from '../../db/connection/connection';
import { listLeases } from '../../db/worktree/leases';
import { repositoryPlaceOf, type Project } from '../../db/project/projects';
import { listWorktrees as storedWorktrees, type Worktree } from '../../db/worktree/worktrees';
import { pullRequestName } from '../../domain/landing/pull-request';
import { openRepository, type Repository } from '../../git/repository/repository';
import { hasUncommittedWork } from '../../git/worktree/snapshot';
import { exists } from '../../git/repository/exists';
import { listWorktrees } from '../../git/worktree/worktrees';
import { diskUse } from './disk-use';
import { fewAtATime } from './few-at-a-time';

export interface SurveyEntry {
  /** Null: the worktree of sequential sessions, or one that only git knows. */
  epic: number | null;
  branch: string | null;
  path: string;
  /** `unknown`: git has it, the database does not. */
  status: Worktree['status'] | 'unknown';
  onDisk: boolean;
  /** Holds work that is not committed; null where nobody can tell. */
  dirty: boolean | null;
  /** Who works in it right now. */
  holder: string | null;
  reason: string | null;
  /** What it takes on disk; null where nobody can tell. */
  sizeBytes: number | null;
  /** Since it was first made; null for one that only git knows. */
  ageSeconds: number | null;
}

/** The worktrees of a project as the database, git and the disk know them; those that are gone are left out. */
export async function surveyWorktrees(db: Queryable, project: Project): Promise<SurveyEntry[]> {
  const repository = await openRepository(repositoryPlaceOf(project));
  const stored = (await storedWorktrees(db, project.id)).filter(({ status }) => status !== 'removed');
  const leases = await listLeases(db, project.id);
  const holders = new Map(
    leases.filter(({ releasedAt }) => releasedAt === null).map((lease) => [lease.worktreeId, lease.holder]),
  );
  const known = await fewAtATime(AT_A_TIME, stored, async (worktree): Promise<SurveyEntry> => {
    const { epic, branchName: branch, path, status, blockedReason, conflict, note, pullRequest } = worktree;
    const files = conflict?.files.map((file) => file.path).join(', ');
    const reason = blockedReason ?? conflict?.held ?? (files ? `conflict in ${files}` : note);
    const asked = status === 'proposed' && pullRequest ? pullRequestName(pullRequest) : null;
    const ageSeconds = Math.round((Date.now() - Date.parse(worktree.createdAt)) / 1000);
    const holder = holders.get(worktree.id) ?? null;
    const state = await diskState(repository, path);
    return { epic, branch, path, status, ...state, holder, reason: asked ?? reason, ageSeconds };
  });
  return [...known, ...(await unknownToDatabase(repository, stored))];
}

/** Each look is some processes that read a whole worktree, of which a plan may have hundreds. */
const AT_A_TIME = 8;

async function diskState(repository: Repository, path: string) {
  if (!(await exists(path))) return { onDisk: false, dirty: null, sizeBytes: null };
  const dirty = await hasUncommittedWork(repository, path).catch(() => null);
  return { onDisk: true, dirty, sizeBytes: await diskUse(path) };
}

async function unknownToDatabase(repository: Repository, stored: Worktree[]): Promise<SurveyEntry[]> {
  const paths = new Set(stored.map(({ path }) => path));
  const others = (await listWorktrees(repository)).filter(
    ({ main, path }) => !main && !paths.has(path) && path.startsWith(`${repository.path}/.worktrees/`),
  );
  const nothing = { holder: null, reason: null, ageSeconds: null };
  return fewAtATime(AT_A_TIME, others, async ({ path, branch }): Promise<SurveyEntry> => {
    const state = await diskState(repository, path);
    return { epic: null, branch, path, status: 'unknown', ...state, ...nothing };
  });
}
