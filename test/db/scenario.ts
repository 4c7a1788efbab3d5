import type { Plan, PlanTask } from '../../domain/plan/plan';
import { startAttempt } from '../../db/task/attempt-start';
import type { Attempt } from '../../db/task/attempts';
import type { Database } from '../../db/connection/connection';
import { takeLease } from '../../db/worktree/leases';
import { importPlan } from '../../db/plan/plan-import';
import type { Repository } from '../../db/project/projects';
import { openSession } from '../../db/session/session-open';
import type { Session } from '../../db/session/sessions';
import { getTask } from '../../db/task/tasks';
import { upsertWorktree, type Worktree } from '../../db/worktree/worktrees';

let names = 0;

/** Names that no other test of the file uses. */
export const uniqueName = (prefix = 'project') => `${prefix}-${++names}`;

export const commitId = (digit: string) => digit.repeat(40);

export const repositoryOf = (project: string): Repository => ({
  path: `/repositories/${project}`,
  gitDir: `/repositories/${project}/.git`,
  bare: false,
  baseBranch: 'main',
});

export const task = (id: number, change: Partial<PlanTask> = {}): PlanTask => ({
  id,
  description: `Task ${id}`,
  action: `Do ${id}`,
  priority: 100,
  dependsOn: [],
  ...change,
});

const hard = (number: number) => ({ task: number, type: 'hard' as const });

/** Two epics: 1 with tasks 1 and 2, where 2 needs 1; 2 with task 3, which needs 1. */
export const smallPlan = (project: string): Plan => ({
  project,
  epics: [
    { id: 1, name: 'Backend', tasks: [task(1), task(2, { dependsOn: [hard(1)] })] },
    { id: 2, name: 'Frontend', tasks: [task(3, { dependsOn: [hard(1)] })] },
  ],
});

export interface RunningSession {
  projectId: number;
  session: Session;
  backend: Worktree;
  frontend: Worktree;
}

/** The small plan, imported, with an open session and a worktree per epic. */
export async function runningSession(db: Database): Promise<RunningSession> {
  const project = uniqueName();
  const { projectId } = await importPlan(db, { plan: smallPlan(project), repository: repositoryOf(project) });
  const workflowId = `yokeflow-${project}`;
  const session = await openSession(db, {
    projectId,
    workflowId,
    runId: 'run-1',
    options: { parallel: true },
  });
  const worktree = (epic: number) =>
    upsertWorktree(db, {
      projectId,
      epic,
      path: `/worktrees/${project}/${epic}`,
      branchName: `epic-${epic}`,
    });
  return { projectId, session, backend: await worktree(1), frontend: await worktree(2) };
}

export interface RunningAttempt extends RunningSession {
  attempt: Attempt;
  token: number;
}

/** Attempt 1 at task 1, under the lease of its worktree. */
export async function runningAttempt(db: Database): Promise<RunningAttempt> {
  const running = await runningSession(db);
  return { ...running, ...(await begin(db, running, 1, 'try-1')) };
}

export async function begin(
  db: Database,
  { projectId, session, backend, frontend }: RunningSession,
  number: number,
  key: string,
): Promise<{ attempt: Attempt; token: number }> {
  const worktreeId = number === 3 ? frontend.id : backend.id;
  const lease = await takeLease(db, { worktreeId, holder: key, staleAfterMs: 0 });
  if (lease.kind !== 'taken') throw new Error(`the lease is held by ${lease.holder}`);
  const { id: taskId } = await getTask(db, { projectId, task: number });
  const start = {
    taskId,
    sessionId: session.id,
    worktreeId,
    key,
    token: lease.token,
    agent: 'script' as const,
  };
  return { attempt: (await startAttempt(db, start)).attempt, token: lease.token };
}
