import type { Queryable } from '../connection/connection';
import { PlanRefused } from '../connection/errors';
import { projectWork } from './project-work';
import { lockProjectsAt, ownerOfRepository, type Project, type Repository } from './projects';

/**
 * Whether the project may be in this repository, with what to warn of; locks it and its neighbours until the
 * transaction ends. Throws `PlanRefused`: a move would part a project from its work, and a second project would write
 * over the first one's pins, which go by the number of a task.
 */
export async function placeProject(tx: Queryable, name: string, repository: Repository): Promise<string[]> {
  const projects = await lockProjectsAt(tx, name, repository.gitDir);
  const own = projects.find((project) => project.name === name);
  const warnings = own ? await moveProject(tx, own, repository) : [];
  const owner = await ownerOfRepository(tx, repository.gitDir);
  if (owner !== null && owner !== name) throw new PlanRefused(takenBy(owner, repository.path));
  const neighbour = projects.find((project) => project.name !== name);
  if (neighbour && owner === null)
    warnings.push(
      `project "${neighbour.name}" is in this repository too: only the one that runs first can run`,
    );
  return warnings;
}

/** In one line: whose the repository is, and what else can be done. */
export const takenBy = (owner: string, path: string): string =>
  `project: "${owner}" has run in ${path}, and a repository holds the work of one project: give the plan that name ` +
  '(and new tasks new numbers) and import it again, or use another clone';

async function moveProject(tx: Queryable, project: Project, to: Repository): Promise<string[]> {
  const { name, repoPath, baseBranch } = project;
  const moves = project.gitDir !== to.gitDir;
  if (!moves && baseBranch === to.baseBranch) return [];
  const { session, branch, complete } = await projectWork(tx, project.id);
  if (session !== null) {
    throw new PlanRefused(
      `project "${name}" has session ${session} open in ${repoPath} on ${baseBranch}: ` +
        'wait or cancel it before you move the project',
    );
  }
  if (!moves) return [];
  if (to.moved) await moveWorktrees(tx, project.id, { from: repoPath, to: to.path });
  if (to.moved || (branch === null && complete === 0))
    return [`project "${name}" has moved here from ${repoPath}`];
  const work = complete > 0 ? `finished work (complete tasks: ${complete})` : `a worktree on ${branch}`;
  throw new PlanRefused(
    `project "${name}" has ${work} in ${repoPath} and cannot move to ${to.path}: import with ` +
      `--repo ${repoPath}, where a symbolic link will do, or give the plan another project name`,
  );
}

/** Set-up may have put into them where they were. */
async function moveWorktrees(
  tx: Queryable,
  projectId: number,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await tx.query(
    `update yokeflow.worktrees set path = $3 || substr(path, length($2) + 1), setup_done_at = null
     where project_id = $1 and starts_with(path, $2 || '/')`,
    [projectId, from, to],
  );
}
