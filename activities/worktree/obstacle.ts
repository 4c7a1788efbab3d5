import { join } from 'node:path';
import { commandOf } from '../../domain/session/shell-command';
import { fileNames } from '../../domain/file-names';
import { conflictState, filesWithMarkers, mergeHead } from '../../git/worktree/conflict';
import { commitOf, haveCommonHistory } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { resetWorktree } from '../../git/worktree/reset';
import { MARKED } from '../../git/content/merge-tree';
import { exists } from '../../git/repository/exists';
import { gitIn } from '../../git/repository/checkout';
import { takenBack } from '../../git/landing/taken-back';
import { uncommittedInSubmodules } from '../../git/submodule/submodules';
import { worktreeTree } from '../../git/worktree/task-commit';
import { isUntouchedMerge } from '../../git/worktree/untouched-merge';
import type { HeldEpic } from '../scope/contract';
import type { Place } from '../scope/place';

/** What stands in a lane's own worktree against landing it; null when nothing. */
export async function obstacleInWorktree(place: Place): Promise<HeldEpic | null> {
  const { repository, worktree, epic } = place;
  if (!(await exists(worktree.path))) return null;
  if (await abandonUntouched(place)) return null;
  const { merging, unmerged, dirty } = await conflictState(repository, worktree.path);
  if (merging) {
    const files = fileNames(unmerged) || 'everything resolved, not committed yet';
    const reason = `the merge in ${worktree.path} is not finished: ${files}`;
    return { epic, outcome: 'conflict', reason, begun: true };
  }
  const marked = await filesWithMarkers(worktree.path, conflictedFiles(worktree));
  if (marked.length) {
    const reason = `conflict markers are still in ${fileNames(marked)}: edit, git add and git commit in ${worktree.path}`;
    return { epic, outcome: 'conflict', reason, begun: true };
  }
  if (!dirty) return null;
  const reason = `${worktree.path} has uncommitted changes: commit or remove them`;
  return { epic, outcome: 'blocked', reason };
}

/** Why a lane's branch does not merge, or what it would undo on the base branch without a conflict; null when nothing. */
export async function obstacleOnBranch(place: Place, landed: string[]): Promise<HeldEpic | null> {
  const { repository, worktree, branch, epic, project } = place;
  const head = await commitOf(repository, branchRef(branch));
  if (head === null) return null;
  if (!(await haveCommonHistory(repository, head, branchRef(project.baseBranch))))
    return { epic, outcome: 'blocked', reason: await apartText(place) };
  const [back] = await takenBack(repository, head, landed);
  if (!back) return null;
  const { path, moved } = back;
  const asOthers = moved
    ? [
        ['git', '-C', path, 'checkout', '-q', moved],
        ['git', 'add', '--', path],
      ]
    : [['git', 'rm', '-rq', '--', path]];
  const commit = ['git', 'commit', '-m', 'Take the submodule as others have it'];
  const commands = [['cd', worktree.path], ...asOthers, commit].map(commandOf).join(' && ');
  const what = moved
    ? `takes back the submodule ${path}, which others moved`
    : `brings back the submodule ${path}, which others removed`;
  const reason = `${what}: ${commands}`;
  return { epic, outcome: 'blocked', reason };
}

/** The base branch was replaced by another history, or git sees no further back: a shallow clone that was fetched anew. */
async function apartText({ repository, branch, project }: Place): Promise<string> {
  const what = `${branch} has no history in common with ${project.baseBranch}, and git does not merge such`;
  if (!(await exists(join(repository.gitDir, 'shallow')))) return `${what}: rebase it`;
  return `${what}: ${commandOf(['git', '-C', repository.path, 'fetch', '--unshallow'])}`;
}

/** Whether a merge is in progress in a lane's worktree, whoever began it. */
export async function isMerging({
  repository,
  worktree,
}: Pick<Place, 'repository' | 'worktree'>): Promise<boolean> {
  if (!(await exists(worktree.path))) return false;
  return (await mergeHead(await gitIn(repository, worktree.path))) !== null;
}

/** Conflicts that are in the index at the path itself, for as long as nobody has settled them. */
const INDEXED = [...MARKED, 'binary', 'modify/delete', 'rename/delete'];

/**
 * A conflict that is exactly as it was left is nobody's work: the merge is done anew, with the base branch as it is
 * now. What a person has begun in the worktree is theirs to finish.
 */
export async function abandonUntouched({
  repository,
  worktree,
  branch,
}: Pick<Place, 'repository' | 'worktree' | 'branch'>): Promise<boolean> {
  const git = await gitIn(repository, worktree.path);
  if ((await mergeHead(git)) === null) return false;
  const { unmerged } = await conflictState(repository, worktree.path);
  const { left, files = [] } = worktree.conflict ?? {};
  const resolved = files.some(({ path, kind }) => INDEXED.includes(kind) && !unmerged.includes(path));
  if (resolved) return false;
  // A worker that is killed right after the merge has put nothing on record.
  const untouched = left
    ? (await worktreeTree(repository, worktree.path)) === left
    : await isUntouchedMerge(repository, worktree.path);
  if (!untouched || (await uncommittedInSubmodules(git)).length > 0) return false;
  const head = await commitOf(repository, branchRef(branch));
  if (!head) return false;
  await resetWorktree(repository, { worktree: worktree.path, branch, to: head });
  return true;
}

const conflictedFiles = ({ conflict }: Place['worktree']): string[] =>
  conflict?.files.map((file) => file.path) ?? [];
