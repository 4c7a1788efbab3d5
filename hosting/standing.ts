import type { HostedPullRequest } from '../domain/landing/pull-request';
import { commandOf } from '../domain/session/shell-command';
import { commitOf, isAncestor } from '../git/content/commits';
import { landedElsewhere } from '../git/landing/landed-elsewhere';
import { branchRef } from '../git/refs/refs';
import type { Repository } from '../git/repository/repository';

/** What has become of a pull request, as far as it matters for landing its epic. */
export type Standing =
  /** Somebody merged it, and `by` is on the base branch. `whole`: the branch has nothing else. */
  | { kind: 'landed'; by: string; whole: boolean }
  /** `whole`: it has all that the branch has. */
  | { kind: 'open'; whole: boolean }
  /** A person has to do something about it. */
  | { kind: 'waits'; reason: string };

export interface Proposed {
  baseBranch: string;
  branch: string;
  /** The commit of the branch that was pushed for it. */
  pushed: string;
}

/**
 * Compares what the service says with what the repository has. What was merged there by other commits is put on record in
 * the private history, so that from then on git itself proves that it landed. Call it under the repository's lock.
 */
export async function settle(
  repo: Repository,
  { number, url, state, head, mergeCommit, commits }: HostedPullRequest,
  { baseBranch, branch, pushed }: Proposed,
): Promise<Standing> {
  const what = `pull request #${number} (${url})`;
  const tip = await commitOf(repo, branchRef(branch));
  const whole = tip === null || (await isAncestor(repo, tip, pushed));
  if (state === 'OPEN') return { kind: 'open', whole };
  if (state === 'CLOSED') {
    const reopen = commandOf(['gh', 'pr', 'reopen', url]);
    const reason = `${what} was closed and not merged: ${reopen}; a run without pull requests merges it here`;
    return { kind: 'waits', reason };
  }
  const by = mergeCommit && (await commitOf(repo, mergeCommit));
  if (!by || !(await isAncestor(repo, by, branchRef(baseBranch)))) {
    const pull = commandOf(['git', '-C', repo.path, 'pull']);
    return { kind: 'waits', reason: `${what} is merged, and ${baseBranch} here lacks that: ${pull}` };
  }
  if (head !== pushed && !commits.includes(pushed)) {
    const merge = commandOf(['git', '-C', repo.path, 'merge', branch]);
    const reason = `${what} was merged without the commit that was pushed for it: look what ${branch} still has, and ${merge}`;
    return { kind: 'waits', reason };
  }
  await landedElsewhere(repo, { baseBranch, head: pushed, by, date: new Date().toISOString() });
  return { kind: 'landed', by, whole };
}
