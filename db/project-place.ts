import type { Queryable } from './connection';
import { PlanRefused } from './errors';
import { projectWork, type ProjectWork } from './project-work';
import { lockProjectsAt, type Project, type Repository } from './projects';

/**
 * Whether the project may be in this repository, with what to warn of; locks it and its neighbours until the
 * transaction ends. Throws `PlanRefused`: a move would part a project from its work, and two projects with work
 * in one repository would take each other's branches and folders.
 */
export async function placeProject(tx: Queryable, name: string, repository: Repository): Promise<string[]> {
  const projects = await lockProjectsAt(tx, name, repository.gitDir);
  const own = projects.find((project) => project.name === name);
  const others = projects
    .filter((project) => project.name !== name)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const warnings = own ? await moveProject(tx, own, repository) : [];
  for (const other of others) refuseToShare(other, await projectWork(tx, other.id));
  if (others[0]) {
    const neighbour = `project "${others[0].name}" uses the same repository`;
    warnings.push(`${neighbour}: branches of the same name would clash`);
  }
  return warnings;
}

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
  if (branch === null && complete === 0) return [`project "${name}" has moved here from ${repoPath}`];
  const work = complete > 0 ? `finished work (complete tasks: ${complete})` : `a worktree on ${branch}`;
  throw new PlanRefused(
    `project "${name}" has ${work} in ${repoPath} and cannot move to ${to.path}: import with ` +
      `--repo ${repoPath}, or give the plan another project name`,
  );
}

function refuseToShare({ name }: Project, { session, branch, unlanded }: ProjectWork): void {
  if (session === null && branch === null && unlanded === 0) return;
  const worktree =
    branch === null ? `unlanded work (complete tasks: ${unlanded})` : `a worktree on ${branch}`;
  const work = session === null ? worktree : `session ${session} open`;
  throw new PlanRefused(
    `project: "${name}" has ${work} in this repository; finish it (yokeflow run --project ${name}), remove its ` +
      `worktrees (yokeflow worktrees clean --project ${name}), name the plan "${name}", or use a clone`,
  );
}
