import { realpath } from 'node:fs/promises';
import type { Queryable } from '../../db/connection/connection';
import { databaseId } from '../../db/connection/identity';
import { importPlan, type ImportResult } from '../../db/plan/plan-import';
import { findProject, type Project } from '../../db/project/projects';
import type { Plan } from '../../domain/plan/plan';
import { epicBranchName, SEQUENTIAL_BRANCH } from '../../domain/names';
import { remoteUrl } from '../../git/remote/remote-url';
import { isHeldBy } from '../../git/repository/claim';
import { inspectRepository, type Repository } from '../../git/repository/repository';
import { UsageError } from '../cli/exit';
import { claimWarning } from '../worktrees/claim';

/** The repository that a plan is about. */
export interface PlanPlace {
  /** Its path; where the project is already, if left out. */
  repository?: string | undefined;
  /** What sessions land on; as it was given before, if left out, else `main` or what is checked out. */
  baseBranch?: string | undefined;
}

/** Writes a plan down for a repository, with the name and e-mail that its commits are to have, and where pull requests go. */
export async function importInto(db: Queryable, plan: Plan, place: PlanPlace): Promise<ImportResult> {
  const known = await findProject(db, plan.project);
  const { repository, baseBranch, branch } = await inspect(known, plan.project, place);
  requireForeign(baseBranch, plan);
  const { path, gitDir, bare, identity } = repository;
  const at = { path, gitDir, bare, baseBranch, authorName: identity.name, authorEmail: identity.email };
  const remote = await remoteUrl(repository, baseBranch);
  const moved = known !== null && (await hasMoved(db, known, repository));
  const imported = await importPlan(db, { plan, repository: { ...at, remoteUrl: remote, moved } });
  const elsewhere =
    place.baseBranch === undefined &&
    known?.gitDir !== gitDir &&
    branch !== undefined &&
    branch !== baseBranch
      ? `sessions land on ${baseBranch}; to have them land on ${branch}, which is checked out there, import again with --base ${branch}`
      : null;
  const warnings = [elsewhere, await claimWarning(db, repository, plan.project)].filter(
    (warning) => warning !== null,
  );
  return { ...imported, warnings: [...imported.warnings, ...warnings] };
}

/** Whether a repository is the one in which the project's work is, which is not where it was any more. */
async function hasMoved(db: Queryable, known: Project, repository: Repository): Promise<boolean> {
  const { gitDir } = repository;
  // A link may have been left there.
  const was = await realpath(known.gitDir).catch(() => gitDir);
  return known.gitDir !== gitDir && was === gitDir && isHeldBy(repository, await databaseId(db));
}

/** A session makes branches of its own, and deletes those whose work has landed. */
function requireForeign(baseBranch: string, { epics }: Plan): void {
  const own = [SEQUENTIAL_BRANCH, ...epics.map(({ id, name }) => epicBranchName(id, name))];
  // Git has no branch beside those whose names go on with a slash.
  const taken = own.find((branch) => baseBranch === branch || baseBranch.startsWith(`${branch}/`));
  if (taken === undefined) return;
  throw new UsageError(
    `sessions cannot land on ${baseBranch}, since they make a branch ${taken} of their own: rename it, or name another one by --base`,
  );
}

async function inspect(
  known: Awaited<ReturnType<typeof findProject>>,
  project: string,
  { repository, baseBranch }: PlanPlace,
) {
  const path = repository ?? known?.repoPath;
  if (path === undefined)
    throw new UsageError(`there is no project ${project} yet: give the path of its git repository by --repo`);
  const found = await inspectRepository(path, baseBranch === undefined ? {} : { baseBranch });
  if (baseBranch !== undefined || known?.gitDir !== found.repository.gitDir) return found;
  return inspectRepository(path, { baseBranch: known.baseBranch });
}
