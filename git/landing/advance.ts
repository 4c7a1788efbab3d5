import { join } from 'node:path';
import { blocked, busy } from './advance-result';
import type { Advance, Blocked } from './advance-result';
import { gitDirOf, gitIn } from '../repository/checkout';
import { editedFiles, placeOf } from './checkout-place';
import { isAsCommitted } from '../content/as-committed';
import { commitOf } from '../content/commits';
import { changesBetween, readable } from '../content/diff';
import type { Change } from '../content/diff';
import { clearJournal, writeJournal } from '../refs/journal';
import { obstructions, overlapping } from './obstructions';
import { hiddenEdits } from './hidden-edits';
import { statesIn } from '../content/path-state';
import { lockRef } from '../locks/ref-lock';
import type { RefLock } from '../locks/ref-lock';
import { branchRef, moveRef } from '../refs/refs';
import { symbolicHead } from '../refs/symbolic-head';
import { repairAdvance, restoreFiles } from './repair';
import { switchingIn } from './switching';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { takenLock } from '../process/stale-lock';
import { statusOf } from '../content/status';
import { exists } from '../repository/exists';
import { textOf } from '../repository/text-of';
import { operationInProgress } from '../repository/operation';
import { submodulesBehind } from '../submodule/submodule-behind';
import { submodulesInTheWay } from '../submodule/submodule-follow';
import { listWorktrees } from '../worktree/worktree-list';
import type { Worktree } from '../worktree/worktree-list';

export interface AdvanceRequest {
  baseBranch: string;
  from: string;
  /** Contains `from`. */
  to: string;
}

/** A rebase detaches HEAD, so git's list does not show whose branch it will move when it ends. */
async function rebaseOf(gitDir: string, baseBranch: string): Promise<boolean> {
  const names = ['rebase-merge/head-name', 'rebase-apply/head-name'];
  const heads = names.map((name) => textOf(join(gitDir, name)));
  return (await Promise.all(heads)).some((head) => head?.trim() === branchRef(baseBranch));
}

async function blockedByOperation(repo: Repository, worktrees: Worktree[], baseBranch: string) {
  for (const { path, branch, prunable } of worktrees) {
    if (prunable || (branch !== null && branch !== baseBranch)) continue;
    // Of one that is locked the folder may be away, with its disk.
    const gitDir = await gitDirOf(repo, path);
    if (gitDir === null) continue;
    if (await rebaseOf(gitDir, baseBranch))
      return blocked(`a rebase of ${baseBranch} is in progress in ${path}: finish it`);
    const operation = branch === baseBranch ? await operationInProgress(gitDir) : null;
    if (operation) return blocked(`${operation} is in progress in ${path}: finish it, or abort it`);
  }
  return null;
}

async function dirtyFiles(git: Git, changes: Change[]): Promise<string[]> {
  return overlapping(
    (await statusOf(git)).changed,
    changes.map(({ path }) => readable(path)),
  );
}

const uncommitted = ({ workTree }: Git, files: string[]) =>
  blocked(`uncommitted changes in ${workTree}: commit or stash them`, files);

const convertible = ({ workTree }: Git, files: string[]) =>
  blocked(
    `line ends in ${workTree} that git would convert, since attributes came after the files: run git add --renormalize . there, and commit`,
    files,
  );

interface OwnEdits {
  /** Where the checkout does not hold what the branch has there. */
  theirs: string[];
  /** Files that the user has deleted, and not staged that: git would bring them back. */
  deleted: boolean;
}

/** What the user has at the paths of a change, before anything is done there. */
async function ownEdits(git: Git, changes: Change[]): Promise<OwnEdits> {
  const states = [...(await statesIn(git, changes))];
  const theirs = states.filter(([, { disk = 'old', index }]) => disk !== 'old' || index !== 'old');
  return {
    theirs: theirs.map(([path]) => path),
    deleted: theirs.some(([, { disk, index }]) => disk === 'missing' && index === 'old'),
  };
}

async function indexLocked(git: Git): Promise<Blocked | null> {
  const lock = join(git.gitDir, 'index.lock');
  if (!(await exists(lock))) return null;
  return busy(`another git command runs in ${git.workTree} (if not, delete ${lock})`);
}

/** What git had written by then is put back by the caller, and no edit of the user's. There may be room in a moment. */
function cannotWrite({ workTree }: Git, stderr: string): Blocked | null {
  const what = /unable to (?:write|create) .*/.exec(stderr)?.[0];
  return what ? busy(`git cannot write in ${workTree}, whose disk may be full: ${what}`) : null;
}

/** Moves the files of a checkout; git itself refuses, and changes nothing, where one of them was edited. */
async function moveFiles(git: Git, from: string, to: string, changes: Change[]): Promise<Blocked | null> {
  const step = ['read-tree', '-m', '-u', from, to];
  const moved = await git.run(step, { accept: [0, 128] });
  if (moved.exitCode === 0) return null;
  const unwritten = cannotWrite(git, moved.stderr);
  if (unwritten) return unwritten;
  const locked = await indexLocked(git);
  if (locked) return locked;
  // Only time stamps may differ: let git look at the content, and try once more.
  await git.run(['update-index', '-q', '--refresh'], { accept: [0, 1] });
  const again = await git.run(step, { accept: [0, 128] });
  if (again.exitCode === 0) return null;
  const files = await dirtyFiles(git, changes);
  // Nobody edited them where it is only that: but only `--reset` would move them, and it would take an edit made just now, too.
  if (files.length > 0)
    return (await isAsCommitted(git, changes)) ? convertible(git, files) : uncommitted(git, files);
  const hidden = await hiddenEdits(git, changes);
  if (hidden.files.length === 0) return blocked(again.stderr.trim().split('\n')[0] ?? '');
  const show = hidden.options.map((option) => `git update-index ${option}`).join(' and ');
  const why = `edits in ${git.workTree} that git status hides: undo that with ${show}, then commit or stash them`;
  return blocked(why, hidden.files);
}

async function underLock(
  git: Git,
  request: AdvanceRequest,
  { changes, own }: { changes: Change[]; own: OwnEdits },
): Promise<Blocked | null> {
  if ((await symbolicHead(git)) !== branchRef(request.baseBranch)) {
    return busy(`${git.workTree} was just switched to another branch: try again`);
  }
  const operation = await operationInProgress(git.gitDir);
  if (operation) return blocked(`${operation} is in progress in ${git.workTree}: finish it, or abort it`);
  const submodules = await submodulesInTheWay(git, changes);
  if (submodules.length > 0) {
    const why = `files take the place of submodules in ${git.workTree}: take these out there with git submodule deinit`;
    return blocked(why, submodules);
  }
  const inTheWay = (await obstructions(git.workTree!, changes)).map(readable);
  if (inTheWay.length > 0)
    return blocked(`files in ${git.workTree} are in the way: move them away`, inTheWay);
  if (own.deleted) return uncommitted(git, await dirtyFiles(git, changes));
  return moveFiles(git, request.from, request.to, changes);
}

async function commitOrUndo(
  repo: Repository,
  { git, lock }: { git: Git; lock: RefLock },
  { baseBranch, from, to }: AdvanceRequest,
): Promise<void> {
  await lock.commit().catch(async (error: unknown) => {
    // Git may have moved it and ended before it said so.
    if ((await commitOf(repo, branchRef(baseBranch))) === to) return;
    await git.run(['read-tree', '-m', '-u', to, from]);
    throw error;
  });
}

/** Moves the files of a checkout, and its branch with them; `branchFrom`: where the branch is, if not at the files. */
async function advanceCheckout(
  cancellable: Repository,
  path: string,
  request: AdvanceRequest & { branchFrom?: string },
): Promise<Advance> {
  const { baseBranch, from, to, branchFrom = from } = request;
  // Once begun, it goes through: a cancelled session must not leave half of it.
  const repo = { ...cancellable, signal: undefined };
  const git = await gitIn(repo, path);
  const locked = await indexLocked(git);
  if (locked) return locked;
  const changes = await changesBetween(git, from, to);
  const own = await ownEdits(git, changes);
  const { theirs } = own;
  const behind = branchFrom === to;
  const journal = await writeJournal(repo, { baseBranch, from, to, checkout: path, theirs, behind });
  const move = { ref: branchRef(baseBranch), to, from: branchFrom, reason: 'yokeflow: land' };
  const lock = await lockRef(git, move).catch((error: unknown) => {
    if (error instanceof GitError) return error;
    throw error;
  });
  if (lock instanceof GitError) {
    await clearJournal(repo, baseBranch);
    if ((await commitOf(repo, branchRef(baseBranch))) !== branchFrom) return { kind: 'moved' };
    const taken = takenLock(lock.stderr);
    if (taken) return busy(`another git command holds ${baseBranch} (if not, delete ${taken})`);
    return busy(`git cannot lock ${baseBranch}: ${lock.stderr.trim().split('\n')[0]}`);
  }
  const obstacle = await underLock(git, request, { changes, own }).catch(async (error: unknown) => {
    await lock.abort();
    throw error;
  });
  if (obstacle) await lock.abort();
  else await commitOrUndo(repo, { git, lock }, request);
  // Git may have stopped midway, on a full disk for example.
  const halfDone = obstacle && (await restoreFiles(git, journal));
  if (!halfDone) await clearJournal(repo, baseBranch);
  if (halfDone ?? obstacle) return halfDone ?? obstacle!;
  const submodules = await submodulesBehind(git, changes);
  return { kind: 'landed', commit: to, ...(submodules ? { behind: submodules } : {}) };
}

/** Brings a checkout that was left behind to where its branch is. Null: it is there. */
async function catchUp(repo: Repository, path: string, baseBranch: string, tip: string) {
  const git = await gitIn(repo, path);
  const from = await placeOf(git, tip);
  if (from === tip) return null;
  const result = await advanceCheckout(repo, path, { baseBranch, from, to: tip, branchFrom: tip });
  if (result.kind === 'landed') return null;
  const edited = (await editedFiles(git)).filter((file) => 'files' in result && result.files.includes(file));
  // A commit there would undo what the branch was moved to.
  const why = `${baseBranch} was moved from elsewhere, under edits in ${path}: keep them somewhere else, and undo them there`;
  return edited.length > 0 ? blocked(why, edited) : result;
}

/**
 * Moves the base branch from one commit to a later one and, where it is checked out, the files there along with it:
 * all of it or nothing. Edits that the user has not committed are never touched; where they overlap, the result is
 * `blocked`. Call it under the repository's lock.
 */
export async function advance(repo: Repository, request: AdvanceRequest): Promise<Advance> {
  const { baseBranch, from, to } = request;
  const unrepaired = await repairAdvance(repo, baseBranch);
  if (unrepaired) return unrepaired;
  if (repo.signal?.aborted)
    throw new GitError(['update-ref', branchRef(baseBranch)], null, '', 'was cancelled');
  const current = await commitOf(repo, branchRef(baseBranch));
  if (current === to) return { kind: 'landed', commit: to };
  if (current !== from) return { kind: 'moved' };

  const worktrees = await listWorktrees(repo);
  const obstacle = await blockedByOperation(repo, worktrees, baseBranch);
  if (obstacle) return obstacle;
  const checkouts = worktrees.filter((tree) => tree.branch === baseBranch && !tree.prunable);
  if (checkouts.length > 1) {
    const paths = checkouts.map(({ path }) => path).join(', ');
    return blocked(`${baseBranch} is checked out more than once (${paths}): keep one`);
  }
  if (checkouts[0]) {
    const { path } = checkouts[0];
    if (!(await exists(path)))
      return blocked(
        `${baseBranch} is checked out in ${path}, which is away: bring it back, or remove that worktree`,
      );
    return (await catchUp(repo, path, baseBranch, from)) ?? advanceCheckout(repo, path, request);
  }
  const path = await switchingIn(repo, worktrees);
  if (path !== null)
    return busy(
      `a git command is running in ${path}, which may be about to check out ${baseBranch}: try again`,
    );
  return (await moveRef(repo, branchRef(baseBranch), to, from))
    ? { kind: 'landed', commit: to }
    : { kind: 'moved' };
}
