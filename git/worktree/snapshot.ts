import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { gitIn } from '../repository/checkout';
import { writeCommit } from '../content/commit-object';
import { commitOf, treeOf } from '../content/commits';
import type { Repository } from '../repository/repository';
import { gitOf } from '../repository/repository';
import { textOf } from '../repository/text-of';
import type { Git } from '../process/runner';
import { unchangedHead } from './trusted-index';
import { filesOf } from './worktree-index';

/** The tree that is staged, or null when there is no index or it holds conflicts (their sides are in commits). */
async function stagedTree(git: Git): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), temporaryName('index', process.pid)));
  try {
    const copy = join(folder, 'index');
    await copyFile(join(git.gitDir, 'index'), copy);
    const written = await git.run(['write-tree'], { env: { GIT_INDEX_FILE: copy }, accept: [0, 128] });
    return written.exitCode === 0 ? written.stdout.trim() : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function mergeHeads(repo: Repository, git: Git): Promise<string[]> {
  const text = (await textOf(join(git.gitDir, 'MERGE_HEAD'))) ?? '';
  const heads = await Promise.all(
    text
      .split('\n')
      .filter(Boolean)
      .map((id) => commitOf(repo, id)),
  );
  return heads.filter((head) => head !== null);
}

interface Work {
  /** null when the branch has no commit yet. */
  head: string | null;
  staged: string | null;
  merging: string[];
}

/** What a worktree holds beside its HEAD commit; null when nothing. */
async function workIn(repo: Repository, worktree: string): Promise<Work | null> {
  const git = await gitIn(repo, worktree);
  const merging = await mergeHeads(repo, git);
  if (merging.length === 0 && (await unchangedHead(git))) return null;
  const found = await git.run(['rev-parse', '--verify', '--quiet', 'HEAD'], { accept: [0, 1] });
  const head = found.stdout.trim() || null;
  const clean = head && (await treeOf(repo, head));
  const { tree: files } = await filesOf(repo, worktree, { expandSubmodules: true });
  const tree = await stagedTree(git);
  const staged = tree === clean || tree === files ? null : tree;
  return files === clean && staged === null && merging.length === 0 ? null : { head, staged, merging };
}

/** True when a worktree holds anything beside its HEAD commit (ignored files don't count). */
export async function hasUncommittedWork(repo: Repository, worktree: string): Promise<boolean> {
  return (await workIn(repo, worktree)) !== null;
}

export interface SnapshotRequest {
  worktree: string;
  /** Such as `refs/yokeflow/wip/<task>/<attempt>`. An earlier snapshot there stays reachable from the new one. */
  ref: string;
  message: string;
}

/**
 * Keeps everything that a worktree holds beside its HEAD commit: files (untracked too, ignored not), the staged
 * state, a merge in progress. Changes nothing in the worktree. Returns null when there is nothing to keep.
 * @throws GitError when any part cannot be kept; the caller must then leave the worktree alone
 */
export async function snapshot(
  repo: Repository,
  request: SnapshotRequest,
): Promise<{ commit: string } | null> {
  const work = await workIn(repo, request.worktree);
  if (!work) return null;
  const { tree: files } = await filesOf(repo, request.worktree, { exactBytes: true, expandSubmodules: true });
  const earlier = await commitOf(repo, request.ref);
  if (earlier && (await isSame(repo, earlier, files, work))) return { commit: earlier };
  const parents = work.head ? [work.head] : [];
  if (work.staged)
    parents.push(
      await writeCommit(repo, { tree: work.staged, parents, message: `staged: ${request.message}` }),
    );
  parents.push(...work.merging, ...(earlier ? [earlier] : []));
  const commit = await writeCommit(repo, { tree: files, parents, message: request.message });
  await gitOf(repo).run(['update-ref', request.ref, commit]);
  return { commit };
}

/** A repeat after a crash finds its own snapshot and adds none. */
async function isSame(repo: Repository, earlier: string, files: string, work: Work): Promise<boolean> {
  const names = [`${earlier}^{tree}`, `${earlier}^1`, ...(work.staged ? [`${earlier}^2^{tree}`] : [])];
  const answer = await gitOf(repo).run(['rev-parse', ...names], { accept: [0, 128] });
  const [tree, head, staged] = answer.stdout.split('\n');
  return (
    answer.exitCode === 0 && tree === files && head === work.head && (!work.staged || staged === work.staged)
  );
}
