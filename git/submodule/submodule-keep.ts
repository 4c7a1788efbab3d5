import { mkdir } from 'node:fs/promises';
import { gitIn } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { copyCommits, lent, tipsOf } from './submodule-copy';
import { copyOrigin, copyShallow, gitAt, headOf, isRepository, submodulesOf } from './submodule-store';

/**
 * Copies commits that were made in a worktree's submodules to the user's own copies of these, under
 * `<prefix>/<commit>`, so that links to them stay good when the worktree goes. What the user has no copy of, since it is
 * new, is kept beside them: other worktrees are filled from there. Idempotent.
 * @returns the submodules with commits for which the user has no copy, and no remote, a line each
 */
export async function keepSubmoduleCommits(
  repo: Repository,
  { worktree, prefix }: { worktree: string; prefix: string },
): Promise<string[]> {
  return keepAll(await gitIn(repo, worktree), repo.gitDir, prefix);
}

async function keepAll(git: Git, user: string, prefix: string): Promise<string[]> {
  const problems: string[] = [];
  for (const submodule of await submodulesOf(git, user)) {
    const { gitDir, path, source, kept } = submodule;
    const inner = gitAt(git, gitDir, `${git.workTree!}/${path}`);
    if ((await headOf(inner)) === null) continue;
    if (source && source !== kept) {
      await copyCommits(inner, source, prefix);
      problems.push(...(await keepAll(inner, source, prefix)));
    } else if (await onlyHere(inner, source)) {
      problems.push(`submodule ${path} has commits that are nowhere else: push them first`);
    } else {
      await keepNew(inner, kept, prefix);
      problems.push(...(await keepAll(inner, kept, prefix)));
    }
  }
  return problems;
}

/** Whether it has commits that neither a remote nor `kept` has. */
async function onlyHere(inner: Git, kept: string | null): Promise<boolean> {
  const range = ['rev-list', '--max-count=1', 'HEAD', '--branches', '--not', '--remotes'];
  if ((await inner.run(range)).stdout === '') return false;
  // `rev-list` goes by dates, and lists commits that a remote has where clocks differed: asked by ancestry, slow and exact.
  for (const tip of await tipsOf(inner)) {
    const contains = ['for-each-ref', '--count=1', `--contains=${tip}`];
    if ((await inner.run([...contains, 'refs/remotes/'])).stdout !== '') continue;
    if (!kept || (await gitAt(inner, kept).run(contains, { env: lent(inner) })).stdout === '') return true;
  }
  return false;
}

/** A remote has it all: where no copy can be made, as of a partial clone, others have to fetch it themselves. */
async function keepNew(inner: Git, kept: string, prefix: string): Promise<void> {
  try {
    const outer = gitAt(inner, kept);
    await mkdir(kept, { recursive: true });
    if (!(await isRepository(kept))) await outer.run(['init', '--quiet']);
    await copyOrigin(inner, outer);
    await copyShallow(inner.gitDir, kept);
    await copyCommits(inner, kept, prefix);
  } catch (error) {
    if (!(error instanceof GitError) || error.exitCode === null) throw error;
  }
}
