import { writeCommit } from '../content/commit-object';
import { commitOf, isAncestor, requireCommit, treeOf, unlanded } from '../content/commits';
import { branchRef, deleteRef, moveRef, ownRef } from '../refs/refs';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';

/**
 * The private history behind squashed landings. Its first-parent chain begins on the base branch; every later entry
 * is an epic's landing or a record of foreign commits, and names the commit of the base branch that has the same
 * tree in a trailer. Recipe and reasons: docs/decisions on squash.
 */
export const integrationRef = (baseBranch: string) => ownRef('integration', baseBranch);

/** Written before the base branch moves, so that a crash between the two refs can be repaired. */
export const landingRef = (baseBranch: string) => ownRef('landing', baseBranch);

const TRAILER = 'YokeFlow-Base';

/** Not read by git: a setting of the repository, `trailer.<name>.key`, can have it call a trailer by another name. */
const BASE = new RegExp(`\\n${TRAILER}: ([0-9a-f]+)\\s*$`);

export const withBase = (message: string, base: string) => `${message.trimEnd()}\n\n${TRAILER}: ${base}\n`;

export interface IntegrationEntry {
  commit: string;
  parents: string[];
  /** The commit of the base branch with the same tree; the entry itself where the chain is on the base branch. */
  base: string;
}

/** The entries from `tip` back along first parents, newest first: without those that `stop` contains, or just one. */
export async function entriesOf(
  repo: Repository,
  tip: string,
  stop: string | null,
): Promise<IntegrationEntry[]> {
  const range = stop ? [tip, `^${stop}`] : ['--max-count=1', tip];
  const { stdout } = await gitOf(repo).run([
    'log',
    '--first-parent',
    '-z',
    '--format=%H %P%n%B',
    ...range,
    '--',
  ]);
  return stdout
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const [commit = '', ...parents] = entry.slice(0, entry.indexOf('\n')).split(' ').filter(Boolean);
      return { commit, parents, base: BASE.exec(entry)?.[1] ?? commit };
    });
}

/**
 * Finishes or forgets a landing that was interrupted between moving the base branch and the integration ref.
 * Idempotent.
 */
export async function adoptLanding(
  repo: Repository,
  baseBranch: string,
): Promise<'adopted' | 'dropped' | null> {
  const landing = await commitOf(repo, landingRef(baseBranch));
  if (!landing) return null;
  const [entry] = await entriesOf(repo, landing, null);
  const landed = entry ? await isAncestor(repo, entry.base, branchRef(baseBranch)) : false;
  if (landed) await moveForward(repo, integrationRef(baseBranch), landing);
  await deleteRef(repo, landingRef(baseBranch), landing);
  return landed ? 'adopted' : 'dropped';
}

/** Several epics may have landed as one: the ref was one entry behind, or more. */
async function moveForward(repo: Repository, ref: string, to: string): Promise<void> {
  const tip = await commitOf(repo, ref);
  if (tip === null || (await isAncestor(repo, tip, to))) await moveRef(repo, ref, to, tip);
}

/** The newest entry whose commit on the base branch is still there; null when the whole chain was rewritten. */
async function lastValid(repo: Repository, tip: string, base: string): Promise<string | null> {
  const entries = await entriesOf(repo, tip, base);
  const { unlanded: gone, missing } = await unlanded(
    repo,
    entries.map((entry) => entry.base),
    [base],
  );
  const valid = entries.find((entry) => !gone.has(entry.base) && !missing.has(entry.base));
  if (valid) return valid.commit;
  const before = entries.at(-1)?.parents[0];
  return before && (await isAncestor(repo, before, base)) ? before : null;
}

async function record(repo: Repository, entry: string, base: string): Promise<string> {
  const message = withBase('Record commits that were made on the base branch by others', base);
  return writeCommit(repo, { tree: await treeOf(repo, base), parents: [entry, base], message });
}

/**
 * Brings the integration ref up to date with the base branch and returns its tip, whose tree is the base branch's.
 * Creates it when it does not exist. Call it under the repository's lock.
 */
export async function bringUpToDate(repo: Repository, baseBranch: string): Promise<string> {
  await adoptLanding(repo, baseBranch);
  const ref = integrationRef(baseBranch);
  const base = await requireCommit(repo, branchRef(baseBranch));
  const tip = await commitOf(repo, ref);
  const move = async (to: string): Promise<string> => {
    if (await moveRef(repo, ref, to, tip)) return to;
    throw new GitError(['update-ref', ref], 1, 'the integration ref moved meanwhile');
  };
  if (tip === null) return move(base);
  const [newest] = await entriesOf(repo, tip, null);
  if (newest?.base === base) return tip;
  if (await isAncestor(repo, tip, base)) return move(base);
  const valid = await lastValid(repo, tip, base);
  if (valid === null || (await isAncestor(repo, valid, base))) return move(base);
  return move(await record(repo, valid, base));
}
