import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gitIn } from '../repository/checkout';
import { exists } from '../repository/exists';
import type { Repository } from '../repository/repository';
import type { Git } from '../process/runner';
import {
  borrow,
  copyOrigin,
  gitAt,
  hasCommit,
  headOf,
  submodulesOf,
  type Submodule,
} from './submodule-store';

const DEEPEST = 10;

/**
 * Fills the submodules of a worktree with the commits that it links to, as far as the user has these submodules checked
 * out, or an earlier task has added them. Nothing is downloaded: objects are read from the user's own copy, or from what
 * was kept. What is there already is set to its commit, with no change left in it, or emptied where nobody has that; take a
 * snapshot first. Idempotent.
 * @returns what could not be filled, and why, a line each
 */
export async function checkOutSubmodules(repo: Repository, worktree: string): Promise<string[]> {
  return checkOutAll(await gitIn(repo, worktree), repo.gitDir, 0);
}

async function checkOutAll(git: Git, user: string, depth: number): Promise<string[]> {
  if (depth > DEEPEST) return [`submodules are nested more than ${DEEPEST} deep`];
  const problems: string[] = [];
  for (const submodule of await submodulesOf(git, user)) {
    problems.push(...(await checkOutSubmodule(git, submodule, depth)));
  }
  return problems;
}

/** The same for one submodule, and those inside it. */
export async function checkOutSubmodule(git: Git, submodule: Submodule, depth = 0): Promise<string[]> {
  const { source, gitDir, path } = submodule;
  const problem = await checkOut(git, submodule);
  if (problem) return [problem];
  return source ? checkOutAll(gitAt(git, gitDir, join(git.workTree!, path)), source, depth + 1) : [];
}

async function checkOut(git: Git, submodule: Submodule): Promise<string | null> {
  const { path, commit, gitDir, source } = submodule;
  const folder = join(git.workTree!, path);
  const found = await lstat(folder).catch(() => null);
  if (found && !found.isDirectory()) return null;
  const inner = gitAt(git, gitDir, folder);
  const present = (await headOf(inner)) !== null;
  if (!present && !source)
    return `submodule ${path} is empty: it is not checked out in your own checkout either (git submodule update --init there, or as setup)`;
  const has = present && (await hasCommit(inner, commit));
  if (!has && !(source && (await hasCommit(gitAt(git, source), commit)))) {
    await empty(folder, gitDir);
    return `submodule ${path} is not at its commit ${commit}, which your own checkout does not have: fetch it there`;
  }
  if (!present) await create(inner, submodule, source!);
  else if (!has) await borrow(gitDir, source!);
  if (!(await exists(join(folder, '.git')))) await link(folder, gitDir);
  await settle(inner, commit);
  return null;
}

/** As in a new worktree. With the files of another commit it would look moved, and the next commit would move it. */
async function empty(folder: string, gitDir: string): Promise<void> {
  if (dirname(gitDir) === folder) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

async function link(folder: string, gitDir: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.git'), `gitdir: ${gitDir}\n`);
}

/** A repository that borrows the objects of the user's copy. HEAD comes last: without one it is made anew. */
async function create(inner: Git, { gitDir }: Submodule, source: string): Promise<void> {
  await rm(gitDir, { recursive: true, force: true });
  await mkdir(inner.workTree!, { recursive: true });
  await mkdir(gitDir, { recursive: true });
  await inner.run(['init', '--quiet']);
  await borrow(gitDir, source);
  await copyOrigin(gitAt(inner, source), inner);
  await link(inner.workTree!, gitDir);
}

async function settle(inner: Git, commit: string): Promise<void> {
  await rm(join(inner.gitDir, 'index.lock'), { force: true });
  await inner.run(['update-ref', '--no-deref', 'HEAD', commit]);
  await inner.run(['reset', '--hard', '--quiet']);
  await inner.run(['clean', '-ffdq']);
}
