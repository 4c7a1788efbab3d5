import type { DroppedLines, TaskStatus } from '../../domain/model';
import { statusCounts } from '../../domain/task/status-counts';
import type { Queryable } from '../connection/connection';
import { COST_UNKNOWN } from '../cost/cost-unknown';
import { usdFromNano } from '../../domain/cost/money';
import { droppedByEpic } from '../landing/merge-attempts';
import { getSession, type Session } from './sessions';
import { listWorktrees, type Worktree } from '../worktree/worktrees';

export interface TaskSummary {
  number: number;
  /** At most 80 characters. */
  title: string;
  status: TaskStatus;
  reason: string | null;
  /** Of one that failed: the end of what its last try printed, or what made that fail. */
  output: string | null;
  durationMs: number | null;
  attempts: number;
  commit: string | null;
  costUsd: number;
  /** Some of it could not be priced: the cost is more than `costUsd`. */
  costUnknown: boolean;
}

export type WorktreeSummary = Pick<
  Worktree,
  | 'status'
  | 'branchName'
  | 'path'
  | 'mergeCommit'
  | 'conflict'
  | 'blockedReason'
  | 'failedOutput'
  | 'pullRequest'
>;

export interface EpicSummary {
  number: number;
  name: string;
  worktree: WorktreeSummary | null;
  tasks: TaskSummary[];
  /** What agents left out as they settled its merge in this session, although git had merged it. */
  dropped?: DroppedLines[];
}

export interface SessionSummary {
  session: Session;
  tasks: Record<TaskStatus, number>;
  epics: EpicSummary[];
  /** Of sessions that are not parallel. */
  sequentialWorktree: WorktreeSummary | null;
}

/** The session and the state of its whole plan, from PostgreSQL alone: no worker has to run. */
export async function sessionSummary(db: Queryable, sessionId: number): Promise<SessionSummary> {
  const session = await getSession(db, sessionId);
  const { projectId } = session;
  const worktrees = new Map(
    (await listWorktrees(db, projectId)).map((worktree) => [worktree.epic, worktree]),
  );
  const byEpic = await tasksByEpic(db, projectId);
  const dropped = await droppedByEpic(db, sessionId);
  const epics = await db.query<{ number: number; name: string }>(
    'select number, name from yokeflow.epics where project_id = $1 order by number',
    [projectId],
  );
  return {
    session,
    // Not by another query, which could know more.
    tasks: statusCounts([...byEpic.values()].flat()),
    epics: epics.rows.map(({ number, name }) => ({
      number,
      name,
      worktree: summarizeWorktree(worktrees.get(number)),
      tasks: byEpic.get(number) ?? [],
      ...(dropped.has(number) ? { dropped: dropped.get(number) } : {}),
    })),
    sequentialWorktree: summarizeWorktree(worktrees.get(null)),
  };
}

function summarizeWorktree(worktree: Worktree | undefined): WorktreeSummary | null {
  if (!worktree) return null;
  const { status, branchName, path, mergeCommit, conflict, blockedReason, failedOutput, pullRequest } =
    worktree;
  return { status, branchName, path, mergeCommit, conflict, blockedReason, failedOutput, pullRequest };
}

/** Characters. */
const OUTPUT_SHOWN = 2_000;

async function tasksByEpic(db: Queryable, projectId: number): Promise<Map<number, TaskSummary[]>> {
  const { rows } = await db.query<Omit<TaskSummary, 'costUsd'> & { epic: number; costNano: number }>(
    `select e.number as epic, t.number, left(t.description, 80) as title, t.status, t.status_reason as reason,
       case when t.status = 'failed' then (
         select right(a.output_tail, ${OUTPUT_SHOWN}) from yokeflow.task_attempts a
         where a.task_id = t.id and a.purpose = 'task' order by a.number desc limit 1
       ) end as output,
       t.duration_ms as "durationMs", t.attempts, t.commit_sha as commit, t.cost_nano as "costNano",
       exists (select from yokeflow.task_attempts a where a.task_id = t.id and ${COST_UNKNOWN}) as "costUnknown"
     from yokeflow.tasks t join yokeflow.epics e on e.id = t.epic_id
     where t.project_id = $1 order by t.number`,
    [projectId],
  );
  const byEpic = new Map<number, TaskSummary[]>();
  for (const { epic, costNano, ...task } of rows) {
    const tasks = byEpic.get(epic) ?? [];
    tasks.push({ ...task, costUsd: usdFromNano(costNano) });
    byEpic.set(epic, tasks);
  }
  return byEpic;
}
