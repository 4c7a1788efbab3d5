import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { removeWorktreeLocks } from '../locks/worktree-locks';
import { branchRef } from '../refs/refs';
import type { Repository } from '../repository/repository';
import { checkOutSubmodules } from '../submodule/submodule-checkout';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { CHECKOUT_LIMIT_MS } from '../process/time-limits';
import { exists } from '../repository/exists';
import { symbolicHead } from '../refs/symbolic-head';
import { keepingTrust } from './trusted-index';

/** Ends whatever an agent began and did not finish; `--quit` keeps what a rebase stashed away in the stash list. */
async function quitOperations(git: Git): Promise<void> {
  for (const folder of ['rebase-merge', 'rebase-apply']) {
    if (!(await exists(join(git.gitDir, folder)))) continue;
    await git.run(['rebase', '--quit'], { accept: [0, 1, 128] });
    await rm(join(git.gitDir, folder), { recursive: true, force: true });
  }
  const names = await readdir(git.gitDir);
  const left = names.filter((name) => name === 'sequencer' || name.startsWith('BISECT_'));
  for (const name of left) await rm(join(git.gitDir, name), { recursive: true, force: true });
}

/** Clears `assume-unchanged` and `skip-worktree`, under which a reset would leave a file as it is. */
async function clearFlags(git: Git): Promise<void> {
  const { stdout } = await git.run(['ls-files', '-z', '-v']);
  const flagged = stdout.split('\0').filter((record) => /^[a-zS] /.test(record));
  if (flagged.length === 0) return;
  const input = flagged.map((record) => `${record.slice(2)}\0`).join('');
  // Each of the two options is for the paths that follow, and only the last one counts.
  for (const option of ['--no-skip-worktree', '--no-assume-unchanged']) {
    await git.run(['update-index', '-z', option, '--stdin'], { input });
  }
}

/** Without flags, and without the whole index if that is broken: it is rebuilt from the commit. */
async function mendIndex(git: Git): Promise<void> {
  await clearFlags(git).catch(async (error: unknown) => {
    if (!(error instanceof GitError)) throw error;
    await rm(join(git.gitDir, 'index'), { force: true });
  });
}

/** Makes index and files those of HEAD, whatever either is like. */
export async function resetHard(git: Git): Promise<void> {
  const reset = ['reset', '--hard', '--quiet'];
  const settings: [string, string][] = [['core.sparseCheckout', 'false']];
  const done = await git.run(reset, { settings, timeLimitMs: CHECKOUT_LIMIT_MS, accept: [0, 128] });
  if (done.exitCode === 0) return;
  await mendIndex(git);
  await git.run(reset, { settings, timeLimitMs: CHECKOUT_LIMIT_MS });
}

/**
 * Makes a worktree stand on its branch's commit, with no change left in it (ignored files stay). HEAD points at the
 * branch again wherever the agent left it.
 * @param clean index and files are known to be those of the branch's commit
 */
export async function settleOn(git: Git, branch: string, { clean = false } = {}): Promise<void> {
  await quitOperations(git);
  if ((await symbolicHead(git)) !== branchRef(branch))
    await git.run(['symbolic-ref', 'HEAD', branchRef(branch)]);
  if (clean) return;
  await keepingTrust(git, () => resetHard(git));
  // Twice -f: a repository that the agent made inside the worktree goes, too.
  await git.run(['clean', '-ffdq']);
}

/**
 * Sets a worktree back to a commit: stale locks, a merge or rebase in progress, commits and changes of an attempt
 * that failed all go. Take a snapshot first. Idempotent. The caller guarantees that nobody works there any more.
 */
export async function resetWorktree(
  repo: Repository,
  request: { worktree: string; branch: string; to: string },
): Promise<void> {
  const git = await gitIn(repo, request.worktree);
  await removeWorktreeLocks(git.commonDir, git.gitDir, request.branch);
  await git.run(['update-ref', '-m', 'yokeflow: reset', branchRef(request.branch), `${request.to}^{commit}`]);
  await mendIndex(git);
  await settleOn(git, request.branch);
  await checkOutSubmodules(repo, request.worktree);
}
