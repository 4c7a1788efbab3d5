import { listAttempts, type Attempt } from '../../db/task/attempts';
import type { Queryable } from '../../db/connection/connection';
import { modelReasons } from '../../db/cost/model-reasons';
import { findEpic } from '../../db/plan/plan-load';
import { repositoryPlaceOf, type Project } from '../../db/project/projects';
import type { StoredTask } from '../../db/task/stored-task';
import { turnCounts } from '../../db/task/turn-counts';
import { proposedWorktrees } from '../../db/worktree/worktrees';
import { commitOf } from '../../git/content/commits';
import { diffStat, type FileStat } from '../../git/content/diff-stat';
import { landedIn, type LandedIn } from '../../git/landing/landed-in';
import { ownCommits, type OwnCommit } from '../../git/content/own-commits';
import type { PullRequest } from '../../domain/model';
import { openRepository, type Repository } from '../../git/repository/repository';

export interface AttemptStory {
  attempt: Attempt;
  turns: number;
  /** Why it has its model; null where nobody chose one. */
  modelReason: string | null;
  /** Keeps what the attempt wrote that is not in the task's commit as such; null when there is nothing. */
  workRef: string | null;
  /** The commits that the agent made itself. */
  commits: OwnCommit[];
}

/** What became of a task, from its first attempt to the base branch. */
export interface TaskStory {
  task: StoredTask;
  epicName: string;
  baseBranch: string;
  attempts: AttemptStory[];
  costUnknown: boolean;
  /** What the task's commit changes; null when it has none, or the repository lost it. */
  files: FileStat[] | null;
  landed: LandedIn | null;
  /** The pull request of its epic, for as long as that has not landed. */
  pullRequest: PullRequest | null;
}

export async function taskStory(db: Queryable, project: Project, task: StoredTask): Promise<TaskStory> {
  const repository = await openRepository(repositoryPlaceOf(project));
  const attempts = await listAttempts(db, task.id);
  const turns = await turnCounts(db, task.id);
  const reasons = await modelReasons(db, task.id);
  const { baseBranch } = project;
  return {
    task,
    epicName: (await findEpic(db, project.id, task.epic)).name,
    baseBranch,
    attempts: await Promise.all(
      attempts.map(async (attempt) => ({
        attempt,
        turns: turns.get(attempt.id) ?? 0,
        modelReason: reasons.get(attempt.id) ?? null,
        ...(await workOf(repository, attempt)),
      })),
    ),
    costUnknown: attempts.some(({ costUnknown }) => costUnknown),
    files: await filesOf(repository, task),
    pullRequest:
      (await proposedWorktrees(db, project.id)).find(({ epic }) => epic === task.epic)?.pullRequest ?? null,
    landed: task.commit ? await landedIn(repository, { baseBranch, commit: task.commit }) : null,
  };
}

async function workOf(
  repository: Repository,
  { task, number, baseCommit }: Attempt,
): Promise<Pick<AttemptStory, 'workRef' | 'commits'>> {
  const ref = `refs/yokeflow/wip/${task}/${number}`;
  if (!(await commitOf(repository, ref))) return { workRef: null, commits: [] };
  const kept = baseCommit ? await ownCommits(repository, baseCommit, ref) : [];
  // What was not committed is kept as a commit of ours on top.
  const commits = kept.filter(({ subject }) => !subject.startsWith('Work in progress on T'));
  return { workRef: ref, commits };
}

async function filesOf(repository: Repository, { commit, baseCommit }: StoredTask) {
  if (!commit || !baseCommit || !(await commitOf(repository, commit))) return null;
  return diffStat(repository, baseCommit, commit);
}
