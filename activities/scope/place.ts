import { join } from 'node:path';
import type { Queryable } from '../../db/connection/connection';
import { getProjectById, repositoryPlaceOf, type Project } from '../../db/project/projects';
import { getLaneSession, type LaneSession } from '../../db/session/session-lane';
import { getSession, type Session } from '../../db/session/sessions';
import { hasBegunIn } from '../../db/task/worktree-attempts';
import { assignPort } from '../../db/worktree/worktree-port';
import { getWorktree, upsertWorktree, type Worktree } from '../../db/worktree/worktrees';
import { epicBranchName, SEQUENTIAL_BRANCH } from '../../domain/names';
import type { RunOptions } from '../../domain/session/run-input';
import { openRepository, type Repository } from '../../git/repository/repository';
import { requireOurs } from './claim';
import type { LaneInput } from './contract';

/** A session and the repository that it works on. */
export interface Site {
  session: Session;
  options: RunOptions;
  project: Project;
  repository: Repository;
}

/** One lane of a site: an epic's worktree, or the one of a sequential session (`epic` null). */
export interface Place extends Omit<Site, 'session'> {
  session: LaneSession;
  epic: number | null;
  name: string;
  branch: string;
  worktree: Worktree;
}

/** What is on record of a session, whether its repository is there or not. */
export type SiteRecord = Omit<Site, 'repository'>;

export async function siteRecord(db: Queryable, sessionId: number): Promise<SiteRecord> {
  const session = await getSession(db, sessionId);
  const project = await getProjectById(db, session.projectId);
  return { session, options: session.options as unknown as RunOptions, project };
}

/** @throws RepositoryAway where it is gone, or not ours any more */
async function openOurs(project: Project): Promise<Repository> {
  const repository = await openRepository(repositoryPlaceOf(project));
  await requireOurs({ project, repository });
  return repository;
}

export async function openSite(db: Queryable, sessionId: number): Promise<Site> {
  const record = await siteRecord(db, sessionId);
  return { ...record, repository: await openOurs(record.project) };
}

/**
 * The lane of a session, with its row in `worktrees`; the row is made when there is none yet. With `reopen`, the
 * row of a worktree that landed becomes a fresh active one, but not for the try of this `holder` if it began before that.
 */
export async function openPlace(
  db: Queryable,
  { sessionId, epic }: LaneInput,
  { reopen = true, holder }: { reopen?: boolean; holder?: string } = {},
): Promise<Place> {
  const { session, epicName } = await getLaneSession(db, { sessionId, epic });
  const { projectId } = session;
  const [project, known] = await Promise.all([
    getProjectById(db, projectId),
    getWorktree(db, { projectId, epic }),
  ]);
  const options = session.options as unknown as RunOptions;
  const site = { session, options, project, repository: await openOurs(project) };
  const name = epicName ?? 'sequential session';
  const branch = known?.branchName ?? (epic === null ? SEQUENTIAL_BRANCH : epicBranchName(epic, name));
  const path = join(project.repoPath, '.worktrees', branch);
  const over = known?.status === 'merged' || known?.status === 'removed';
  const begun = () => holder !== undefined && hasBegunIn(db, { worktreeId: known!.id, key: holder });
  const worktree =
    known && (!reopen || (known.path === path && (!over || (await begun()))))
      ? known
      : await upsertWorktree(db, { projectId, epic, path, branchName: branch });
  const port = worktree.port ?? (await assignPort(db, worktree.id));
  return { ...site, epic, name, branch, worktree: { ...worktree, port } };
}
