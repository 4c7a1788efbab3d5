import type { Conflict, PullRequest, WorktreeStatus } from '../../domain/model';
import type { Queryable } from '../connection/connection';
import { NotFound, WorktreeTaken } from '../connection/errors';
import { notInPlan } from '../project/not-in-plan';

export interface Worktree {
  id: number;
  projectId: number;
  epicId: number | null;
  /** The epic's number; null is the worktree of sequential sessions. */
  epic: number | null;
  path: string;
  branchName: string;
  status: WorktreeStatus;
  startCommit: string | null;
  mergeCommit: string | null;
  conflict: Conflict | null;
  blockedReason: string | null;
  createdAt: string;
  mergedAt: string | null;
  setupDoneAt: string | null;
  /** The last of what the set-up printed. */
  setupOutput: string | null;
  /** The first of ten ports that are the worktree's own. */
  port: number | null;
  /** What a person should know of how it was made, or why it is still there. */
  note: string | null;
  /** What the merged tree printed that did not pass. */
  failedOutput: string | null;
  /** Kept until it has landed, whatever becomes of it meanwhile. */
  pullRequest: PullRequest | null;
}

const SELECT = `select w.id, w.project_id as "projectId", w.epic_id as "epicId", e.number as epic, w.path,
    w.branch_name as "branchName", w.status, w.start_commit as "startCommit", w.merge_commit as "mergeCommit",
    w.conflict, w.blocked_reason as "blockedReason", w.created_at as "createdAt", w.merged_at as "mergedAt",
    w.setup_done_at as "setupDoneAt", w.setup_output as "setupOutput", w.port, w.note,
    v.output_tail as "failedOutput",
    case when w.pull_request_number is not null then json_build_object('number', w.pull_request_number,
      'url', w.pull_request_url, 'commit', w.pull_request_commit) end as "pullRequest"
  from yokeflow.worktrees w left join yokeflow.epics e on e.id = w.epic_id
    left join yokeflow.verifications v on v.id = w.verification_id`;

export interface NewWorktree {
  projectId: number;
  epic: number | null;
  path: string;
  branchName: string;
  startCommit?: string | null;
}

/**
 * Records that there is to be a worktree. One that had landed starts over as `active`; of any other only path and
 * branch are updated. Throws `NotFound` for an epic that is not in the plan, `WorktreeTaken` if the path or branch
 * belongs to another one.
 */
export async function upsertWorktree(db: Queryable, worktree: NewWorktree): Promise<Worktree> {
  const { projectId, epic, path, branchName, startCommit } = worktree;
  const values = [projectId, epic, path, branchName, startCommit ?? null];
  const { rows } = await db.query<{ id: number }>(UPSERT, values).catch((error: unknown) => {
    throw asTaken(error, worktree);
  });
  if (!rows[0]) throw await notInPlan(db, projectId, `epic ${epic}`);
  return getWorktreeById(db, rows[0].id);
}

const UPSERT = `
  insert into yokeflow.worktrees as w (project_id, epic_id, path, branch_name, start_commit)
  select $1::integer, e.id, $3, $4, $5 from (select) as one
    left join yokeflow.epics e on e.project_id = $1 and e.number = $2::integer
  where $2::integer is null or e.id is not null
  on conflict (project_id, coalesce(epic_id, 0)) do update set
    path = excluded.path,
    branch_name = excluded.branch_name,
    start_commit = case when w.status in ('merged', 'removed') then excluded.start_commit
                        else coalesce(w.start_commit, excluded.start_commit) end,
    merge_commit = case when w.status in ('merged', 'removed') then null else w.merge_commit end,
    merged_at = case when w.status in ('merged', 'removed') then null else w.merged_at end,
    setup_done_at = case when w.status in ('merged', 'removed') or w.path <> excluded.path then null
                         else w.setup_done_at end,
    setup_output = case when w.status in ('merged', 'removed') then null else w.setup_output end,
    pull_request_number = case when w.status not in ('merged', 'removed') then w.pull_request_number end,
    pull_request_url = case when w.status not in ('merged', 'removed') then w.pull_request_url end,
    pull_request_commit = case when w.status not in ('merged', 'removed') then w.pull_request_commit end,
    note = case when w.status in ('merged', 'removed') then null else w.note end,
    status = case when w.status in ('merged', 'removed') then 'active' else w.status end
  returning id`;

function asTaken(error: unknown, { path, branchName }: NewWorktree): unknown {
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code !== '23505') return error;
  return new WorktreeTaken(
    constraint === 'one_worktree_per_path'
      ? `${path} is the worktree of another epic or project: give each repository one project`
      : `branch ${branchName} belongs to another epic of the project: rename one of the two`,
  );
}

export async function getWorktreeById(db: Queryable, id: number): Promise<Worktree> {
  const { rows } = await db.query<Worktree>(`${SELECT} where w.id = $1`, [id]);
  if (!rows[0]) throw new NotFound(`there is no worktree ${id}: see yokeflow worktrees list`);
  return rows[0];
}

export async function getWorktree(
  db: Queryable,
  { projectId, epic }: { projectId: number; epic: number | null },
): Promise<Worktree | null> {
  const { rows } = await db.query<Worktree>(
    // As the index has it: a project of a thousand epics is not read whole.
    `${SELECT} where w.project_id = $1 and coalesce(w.epic_id, 0) = case when $2::integer is null then 0
       else (select id from yokeflow.epics where project_id = $1 and number = $2) end`,
    [projectId, epic],
  );
  return rows[0] ?? null;
}

export async function listWorktrees(db: Queryable, projectId: number): Promise<Worktree[]> {
  const { rows } = await db.query<Worktree>(
    `${SELECT} where w.project_id = $1 order by e.number nulls first`,
    [projectId],
  );
  return rows;
}

export type ProposedWorktree = Worktree & { pullRequest: PullRequest };

/** Those with a pull request that have not landed, whatever came of it. */
export async function proposedWorktrees(db: Queryable, projectId: number): Promise<ProposedWorktree[]> {
  return (await listWorktrees(db, projectId)).filter(
    (worktree): worktree is ProposedWorktree =>
      worktree.pullRequest !== null && worktree.status !== 'merged' && worktree.status !== 'removed',
  );
}
