import type { Queryable } from '../connection/connection';
import { NotFound } from '../connection/errors';

export interface Repository {
  /** The user's checkout, or the bare repository itself. */
  path: string;
  /** The common git directory: the same for every worktree. */
  gitDir: string;
  bare: boolean;
  baseBranch: string;
  authorName?: string | null;
  authorEmail?: string | null;
  /** Where pull requests are opened; null: nowhere. */
  remoteUrl?: string | null;
  /** It is the one in which the project was, in another place now. */
  moved?: boolean;
}

export interface Project {
  /** Of the database that the project is in. */
  databaseId: string;
  id: number;
  name: string;
  repoPath: string;
  gitDir: string;
  bare: boolean;
  baseBranch: string;
  authorName: string | null;
  authorEmail: string | null;
  remoteUrl: string | null;
  verify: string | null;
  setup: string | null;
  cleanup: string | null;
  settings: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
}

/** Where its repository is, and who commits there. */
export const repositoryPlaceOf = ({ repoPath, gitDir, bare, authorName, authorEmail }: Project) => ({
  path: repoPath,
  gitDir,
  bare,
  identity: { name: authorName ?? 'YokeFlow', email: authorEmail ?? 'yokeflow@localhost' },
});

const COLUMNS = `(select id from yokeflow.identity) as "databaseId", id, name, repo_path as "repoPath", git_dir as "gitDir", bare, base_branch as "baseBranch",
  author_name as "authorName", author_email as "authorEmail", remote_url as "remoteUrl", verify, setup, cleanup, settings,
  created_at as "createdAt", updated_at as "updatedAt"`;

export interface ProjectInput {
  name: string;
  repository: Repository;
  verify?: string | null;
  setup?: string | null;
  cleanup?: string | null;
}

/** Creates the project, or brings the one of that name up to date. Its row stays locked until the transaction ends. */
export async function createProject(
  tx: Queryable,
  { name, repository, verify, setup, cleanup }: ProjectInput,
): Promise<Project> {
  const { path, gitDir, bare, baseBranch, authorName, authorEmail, remoteUrl } = repository;
  const { rows } = await tx.query<Project>(
    `insert into yokeflow.projects
       (name, repo_path, git_dir, bare, base_branch, author_name, author_email, remote_url, verify, setup,
        cleanup)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (name) do update set
       repo_path = excluded.repo_path, git_dir = excluded.git_dir, bare = excluded.bare,
       base_branch = excluded.base_branch, author_name = excluded.author_name,
       author_email = excluded.author_email, remote_url = excluded.remote_url, verify = excluded.verify,
       setup = excluded.setup, cleanup = excluded.cleanup, updated_at = now()
     returning ${COLUMNS}`,
    [
      ...[name, path, gitDir, bare, baseBranch, authorName ?? null, authorEmail ?? null, remoteUrl ?? null],
      ...[verify ?? null, setup ?? null, cleanup ?? null],
    ],
  );
  return rows[0]!;
}

/** Throws `NotFound`, which names the projects that there are. */
export async function getProject(db: Queryable, name: string): Promise<Project> {
  const project = await findProject(db, name);
  if (project) return project;
  const known = (await listProjects(db)).map((other) => other.name);
  throw new NotFound(
    `there is no project "${name}": import a plan for it` +
      (known.length ? `, or use one of ${known.slice(0, 10).join(', ')}` : ''),
  );
}

export async function getProjectById(db: Queryable, id: number): Promise<Project> {
  const { rows } = await db.query<Project>(`select ${COLUMNS} from yokeflow.projects where id = $1`, [id]);
  if (!rows[0]) throw new NotFound(`there is no project with id ${id}: import its plan again`);
  return rows[0];
}

export async function findProject(db: Queryable, name: string): Promise<Project | null> {
  const { rows } = await db.query<Project>(`select ${COLUMNS} from yokeflow.projects where name = $1`, [
    name,
  ]);
  return rows[0] ?? null;
}

export async function listProjects(db: Queryable): Promise<Project[]> {
  const { rows } = await db.query<Project>(`select ${COLUMNS} from yokeflow.projects order by name`);
  return rows;
}

/** The project of this name and all that use this repository, locked in an order that cannot deadlock. */
export async function lockProjectsAt(tx: Queryable, name: string, gitDir: string): Promise<Project[]> {
  const { rows } = await tx.query<Project>(
    `select ${COLUMNS} from yokeflow.projects where name = $1 or git_dir = $2 order by id for no key update`,
    [name, gitDir],
  );
  return rows;
}

/** The project that ran first in this repository: what git holds there is its work. Null before any session. */
export async function ownerOfRepository(db: Queryable, gitDir: string): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `select p.name from yokeflow.projects p join yokeflow.sessions s on s.project_id = p.id
     where p.git_dir = $1 order by s.id limit 1`,
    [gitDir],
  );
  return rows[0]?.name ?? null;
}

/** Until the transaction ends, nobody else edits the plan or opens a session. */
export async function lockProject(tx: Queryable, projectId: number): Promise<void> {
  const { rowCount } = await tx.query('select from yokeflow.projects where id = $1 for no key update', [
    projectId,
  ]);
  if (rowCount === 0) throw new NotFound(`there is no project with id ${projectId}: import its plan first`);
}
