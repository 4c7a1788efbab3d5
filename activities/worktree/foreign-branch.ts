import type { Queryable } from '../../db/connection/connection';
import { hasBeenWorkedIn } from '../../db/task/worktree-attempts';
import { commitOf } from '../../git/content/commits';
import { foreignCommits } from '../../git/content/foreign-commits';
import { landedTips } from '../../git/landing/landing';
import { branchRef } from '../../git/refs/refs';
import { WorktreeProblem } from '../../git/worktree/worktrees';
import type { Place } from '../scope/place';

/**
 * The first time that a lane gets its worktree, its branch should not be there: a branch of that name with work of somebody
 * else on it is not the lane's, and what is on it would land with the lane.
 * @throws WorktreeProblem
 */
export async function refuseForeignBranch(
  db: Queryable,
  { repository, project, worktree, branch }: Place,
): Promise<void> {
  if (branch === project.baseBranch)
    throw new WorktreeProblem(`${branch} is the base branch: give the epic another name`);
  if (worktree.startCommit !== null || !(await commitOf(repository, branchRef(branch)))) return;
  // The worktree was removed, and what a person has committed there is to stay.
  if (await hasBeenWorkedIn(db, worktree.id)) return;
  const tips = await landedTips(repository, project);
  const [last, ...more] = await foreignCommits(repository, { branch, tips });
  if (!last) return;
  const others = more.length > 0 ? ` and ${more.length} more` : '';
  throw new WorktreeProblem(
    `branch ${branch} was there already, with commits that no task made (${last.commit.slice(0, 10)} ${last.subject}${others}), ` +
      `which would land with what is done here: rename it (git branch -m ${branch} NAME)`,
  );
}
