import { gitIn } from '../repository/checkout';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import { gitAt, headOf, submodulesOf, type Submodule } from './submodule-store';

/** The commits of a submodule's own making: what is checked out, and its branches. */
async function tipsOf(inner: Git): Promise<string[]> {
  const head = await headOf(inner);
  const { stdout } = await inner.run(['for-each-ref', '--format=%(objectname)', 'refs/heads/']);
  return [...new Set([...(head ? [head] : []), ...stdout.split('\n').filter(Boolean)])];
}

/**
 * Copies commits that were made in a worktree's submodules to the user's own copies of these, under
 * `<prefix>/<commit>`, so that links to them stay good when the worktree goes. Idempotent.
 * @returns the submodules with commits for which the user has no copy, a line each
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
    const { gitDir, path, source } = submodule;
    const inner = gitAt(git, gitDir, `${git.workTree!}/${path}`);
    if ((await headOf(inner)) === null) continue;
    const unkept = source ? await copyTo(inner, source, prefix) : await onlyHere(inner, submodule);
    if (unkept) problems.push(unkept);
    if (source) problems.push(...(await keepAll(inner, source, prefix)));
  }
  return problems;
}

async function copyTo(inner: Git, source: string, prefix: string): Promise<null> {
  const outer = gitAt(inner, source);
  const known = (await outer.run(['for-each-ref', '--format=%(objectname)'])).stdout
    .split('\n')
    .filter(Boolean);
  const head = await headOf(outer);
  const have = [...known, ...(head ? [head] : [])].map((commit) => `^${commit}`);
  const tips = await tipsOf(inner);
  const range = ['rev-list', '--max-count=1', '--stdin'];
  const isNew = async (tip: string) =>
    (await inner.run(range, { input: [tip, ...have, ''].join('\n') })).stdout !== '';
  for (const tip of tips) {
    if (!(await isNew(tip))) continue;
    const pack = await inner.run(['pack-objects', '--revs', '--stdout', '-q'], {
      input: [tip, ...have, ''].join('\n'),
      bytes: true,
    });
    await outer.run(['unpack-objects', '-q'], { input: Buffer.from(pack.stdout, 'latin1') });
    await outer.run(['update-ref', `${prefix}/${tip}`, tip]);
  }
  return null;
}

async function onlyHere(inner: Git, { path }: Submodule): Promise<string | null> {
  const range = ['rev-list', '--max-count=1', 'HEAD', '--branches', '--not', '--remotes'];
  const seemsOwn = (await inner.run(range)).stdout !== '';
  return seemsOwn && (await hasOwn(inner))
    ? `submodule ${path} has commits that are nowhere else: push them first`
    : null;
}

/** `rev-list` goes by dates, and lists commits that a remote has where clocks differed: asked by ancestry, slow and exact. */
async function hasOwn(inner: Git): Promise<boolean> {
  for (const tip of await tipsOf(inner)) {
    const { stdout } = await inner.run(['for-each-ref', '--count=1', `--contains=${tip}`, 'refs/remotes/']);
    if (stdout === '') return true;
  }
  return false;
}
