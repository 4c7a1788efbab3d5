import type { Queryable } from '../../db/connection/connection';
import { importPlan, type ImportResult } from '../../db/plan/plan-import';
import type { Plan } from '../../domain/plan/plan';
import type { Repository } from '../../git/repository/repository';

export interface PlanForRepository {
  plan: Plan;
  repository: Repository;
  baseBranch: string;
}

/** Writes a plan down for a repository, with the name and e-mail that its commits are to have. */
export async function importInto(
  db: Queryable,
  { plan, repository, baseBranch }: PlanForRepository,
): Promise<ImportResult> {
  const { path, gitDir, bare, identity } = repository;
  const place = { path, gitDir, bare, baseBranch, authorName: identity.name, authorEmail: identity.email };
  return importPlan(db, { plan, repository: place });
}
