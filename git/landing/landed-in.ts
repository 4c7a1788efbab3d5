import { commitOf, isAncestor } from '../content/commits';
import { entriesOf, integrationRef } from './integration';
import { branchRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface LandedIn {
  /** The commit of the base branch. */
  commit: string;
  subject: string;
  /** ISO 8601. */
  date: string;
}

/** The oldest commit of a branch's own line that contains `commit`: itself, or the merge that brought it. */
async function broughtBy(repo: Repository, tip: string, commit: string): Promise<string> {
  const own = await lines(repo, ['rev-list', '--first-parent', '--reverse', tip, `^${commit}`]);
  const containing = new Set(await lines(repo, ['rev-list', '--ancestry-path', tip, `^${commit}`]));
  const [first] = own.filter((id) => containing.has(id));
  if (!first) return commit;
  const firstParent = await commitOf(repo, `${first}^1`);
  return firstParent && (await isAncestor(repo, commit, firstParent)) ? commit : first;
}

async function lines(repo: Repository, args: string[]): Promise<string[]> {
  return (await gitOf(repo).run(args)).stdout.split('\n').filter(Boolean);
}

/**
 * Where a commit came to be part of the base branch: the commit itself where history is linear, the merge that
 * landed its epic, or the one commit that its epic was squashed into. Null while it has not landed.
 */
export async function landedIn(
  repo: Repository,
  { baseBranch, commit }: { baseBranch: string; commit: string },
): Promise<LandedIn | null> {
  const base = await commitOf(repo, branchRef(baseBranch));
  if (!base || !(await commitOf(repo, commit))) return null;
  if (await isAncestor(repo, commit, base)) return described(repo, await broughtBy(repo, base, commit));
  const tip = await commitOf(repo, integrationRef(baseBranch));
  if (!tip || !(await isAncestor(repo, commit, tip))) return null;
  const [entry] = await entriesOf(repo, await broughtBy(repo, tip, commit), null);
  return entry && (await isAncestor(repo, entry.base, base)) ? described(repo, entry.base) : null;
}

async function described(repo: Repository, commit: string): Promise<LandedIn> {
  const line = await gitOf(repo).line(['log', '--max-count=1', '--format=%s%x00%cI', commit, '--']);
  const [subject = '', date = ''] = line.split('\0');
  return { commit, subject, date };
}
