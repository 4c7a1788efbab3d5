import type { Queryable } from '../db/connection';
import { importPlan, type ImportResult } from '../db/plan-import';
import { listProjects } from '../db/projects';
import { findOpenSession } from '../db/sessions';
import { listWorktrees } from '../db/worktrees';
import type { Plan } from '../domain/plan';
import type { Repository } from '../git/repository';
import { UsageError } from './exit';
import type { Hint } from './hint';

export interface PlanForRepository {
  plan: Plan;
  repository: Repository;
  baseBranch: string;
}

/** Writes a plan down for a repository, unless another project still has work of its own there. */
export async function importInto(
  db: Queryable,
  { plan, repository, baseBranch }: PlanForRepository,
  hint: Hint,
): Promise<ImportResult> {
  await refuseSharedRepository(db, plan.project, repository.gitDir, hint);
  const { path, gitDir, bare, identity } = repository;
  const place = { path, gitDir, bare, baseBranch, authorName: identity.name, authorEmail: identity.email };
  return importPlan(db, { plan, repository: place });
}

/** Two projects would take each other's branches and folders. */
async function refuseSharedRepository(
  db: Queryable,
  name: string,
  gitDir: string,
  hint: Hint,
): Promise<void> {
  for (const other of await listProjects(db)) {
    if (other.name === name || other.gitDir !== gitDir) continue;
    const worktrees = (await listWorktrees(db, other.id)).filter(({ status }) => status !== 'removed');
    const session = await findOpenSession(db, other.id);
    if (worktrees.length === 0 && !session) continue;
    const work = session ? `session ${session.id} open` : `a worktree on ${worktrees[0]!.branchName}`;
    const to = ['--project', other.name];
    throw new UsageError(
      `project: "${other.name}" has ${work} in this repository; finish it (${hint('run', ...to)}), remove its ` +
        `worktrees (${hint('worktrees', 'clean', ...to)}), name the plan "${other.name}", or use a clone`,
    );
  }
}
