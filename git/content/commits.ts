import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { resolveName } from '../refs/resolver';
import { GitError } from '../process/runner';

/** The commit that a ref, branch or id stands for, or null when there is none. */
export async function commitOf(repo: Repository, ref: string): Promise<string | null> {
  return resolveName(repo, `${ref}^{commit}`);
}

/** The commit that a ref stands for. @throws GitError when there is none. */
export async function requireCommit(repo: Repository, ref: string): Promise<string> {
  const commit = await commitOf(repo, ref);
  if (!commit) throw new GitError(['rev-parse', ref], 1, `${ref} is not a commit of ${repo.path}`);
  return commit;
}

/** When a commit was made, in milliseconds, by the clock of whoever made it; null when there is none. */
export async function committedAt(repo: Repository, ref: string): Promise<number | null> {
  const commit = await commitOf(repo, ref);
  if (!commit) return null;
  return 1000 * Number(await gitOf(repo).line(['log', '--max-count=1', '--format=%ct', commit, '--']));
}

/** The tree of a commit. */
export async function treeOf(repo: Repository, commit: string): Promise<string> {
  const tree = await resolveName(repo, `${commit}^{tree}`);
  if (!tree) throw new GitError(['rev-parse', `${commit}^{tree}`], 1, `${commit} is not in ${repo.path}`);
  return tree;
}

/** True when `ancestor` is contained in `descendant`. @throws GitError when one of them does not exist. */
export async function isAncestor(repo: Repository, ancestor: string, descendant: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant];
  return (await gitOf(repo).run(args, { accept: [0, 1] })).exitCode === 0;
}

/** False where git would refuse to merge the two. @throws GitError when one of them does not exist. */
export async function haveCommonHistory(repo: Repository, one: string, other: string): Promise<boolean> {
  const args = ['merge-base', '--end-of-options', one, other];
  return (await gitOf(repo).run(args, { accept: [0, 1] })).exitCode === 0;
}

/** Those commits that no other one of them contains, by one git process. @throws GitError when one does not exist. */
export async function independentOf(repo: Repository, commits: string[]): Promise<Set<string>> {
  const all = [...new Set(commits)];
  if (all.length < 2) return new Set(all);
  const args = ['merge-base', '--independent', '--end-of-options', ...all];
  return new Set((await gitOf(repo).run(args)).stdout.split('\n').filter(Boolean));
}

export interface Unlanded {
  /** Those that no tip contains. */
  unlanded: Set<string>;
  /** Those that the repository does not have (any more). */
  missing: Set<string>;
}

async function missingCommits(repo: Repository, commits: string[]): Promise<Set<string>> {
  const input = commits.map((commit) => `${commit}^{commit}\n`).join('');
  const { stdout } = await gitOf(repo).run(['cat-file', '--batch-check=%(objectname)'], { input });
  const answers = stdout.split('\n');
  return new Set(commits.filter((_, index) => !/^[0-9a-f]+$/.test(answers[index] ?? '')));
}

async function isInOne(repo: Repository, commit: string, tips: string[]): Promise<boolean> {
  for (const tip of tips) if (await isAncestor(repo, commit, tip)) return true;
  return false;
}

/** Of commits that seem to be outside of all tips, those that are. */
async function outsideOf(repo: Repository, commits: string[], tips: string[]): Promise<Set<string>> {
  // The others are in a tip, or in one of these.
  const sure = commits.length > 1 ? await independentOf(repo, [...tips, ...commits]) : new Set();
  const outside = new Set<string>();
  for (const commit of commits)
    if (sure.has(commit) || !(await isInOne(repo, commit, tips))) outside.add(commit);
  return outside;
}

/**
 * Sorts out which commits no tip contains: a single one with a git process for each tip, any number of them with one
 * process for all (two when some are missing), and one or a few more where some seem to be outside.
 * @param all full ids
 * @param tips refs or ids that exist
 */
export async function unlanded(repo: Repository, all: string[], tips: string[]): Promise<Unlanded> {
  const commits = all.filter((commit) => !tips.includes(commit));
  const [first] = commits;
  if (first === undefined) return { unlanded: new Set(), missing: new Set() };
  if (commits.length === 1) {
    const missing = new Set((await commitOf(repo, first)) ? [] : [first]);
    const outside = missing.size === 0 && !(await isInOne(repo, first, tips));
    return { unlanded: new Set(outside ? [first] : []), missing };
  }
  const reachable = async (from: string[]) => {
    const input = [...from, ...tips.map((tip) => `^${tip}`), ''].join('\n');
    return gitOf(repo).run(['rev-list', '--stdin'], { input, accept: [0, 128] });
  };
  let missing = new Set<string>();
  let output = await reachable(commits);
  if (output.exitCode !== 0) {
    missing = await missingCommits(repo, commits);
    output = await reachable(commits.filter((commit) => !missing.has(commit)));
  }
  if (output.exitCode !== 0) throw new GitError(['rev-list', '--stdin'], output.exitCode, output.stderr);
  const listed = new Set(output.stdout.split('\n'));
  // `rev-list` goes by dates, and gives up too early where clocks differed: what it lists may be contained all the same.
  const seeming = [...new Set(commits)].filter((commit) => listed.has(commit));
  return { unlanded: await outsideOf(repo, seeming, tips), missing };
}
