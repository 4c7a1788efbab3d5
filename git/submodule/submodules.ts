import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GITLINK } from '../content/diff';
import { parseContent } from '../content/index-entries';
import type { IndexEntry } from '../content/index-entries';
import { createGit } from '../process/runner';
import { exists } from '../repository/exists';
import type { Git } from '../process/runner';
import { statusOf } from '../content/status';
import { namesByPath } from './gitmodules';

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}

function gitInside(git: Git, path: string): Git {
  const { identity, signal } = git.place;
  const folder = join(git.workTree!, path);
  return createGit({ gitDir: join(folder, '.git'), workTree: folder, identity, signal });
}

/** What is checked out in a submodule; null when it is not populated or has no commits. */
export async function submoduleHead(
  git: Git,
  path: string,
): Promise<{ commit: string; tree: string } | null> {
  const inner = gitInside(git, path);
  if (!(await stat(inner.gitDir).catch(() => null))) return null;
  const head = await inner.run(['rev-parse', 'HEAD^{commit}', 'HEAD^{tree}'], { accept: [0, 128] });
  const [commit, tree] = head.stdout.split('\n');
  return head.exitCode === 0 && commit && tree ? { commit, tree } : null;
}

/** The links to further repositories in the commit that a repository inside the worktree is at. */
export async function linksOfNested(git: Git, path: string): Promise<IndexEntry[]> {
  const head = await submoduleHead(git, path);
  if (!head) return [];
  const { stdout } = await gitInside(git, path).run(['ls-tree', '-r', '-z', head.commit]);
  return stdout
    .split('\0')
    .filter((record) => record.startsWith(`${GITLINK} `))
    .map((record) => {
      const [mode = '', , object = ''] = record.slice(0, record.indexOf('\t')).split(' ');
      return { mode, object, path: record.slice(record.indexOf('\t') + 1) };
    });
}

/** A submodule stands exactly on `commit`, and so do those inside it: nobody has worked there. */
export async function isUntouched(git: Git, path: string, commit: string): Promise<boolean> {
  if ((await submoduleHead(git, path))?.commit !== commit) return false;
  const inner = gitInside(git, path);
  if ((await statusOf(inner)).changed.length > 0) return false;
  for (const link of await linksOfNested(git, path)) {
    const populated = (await submoduleHead(inner, link.path)) !== null;
    if (populated && !(await isUntouched(inner, link.path, link.object))) return false;
  }
  return true;
}

/**
 * What is not committed in the submodules of a checkout, and in those inside them. Such work is in no commit of the
 * checkout, whatever that links to. A submodule that merely stands at another commit is not meant.
 * @returns paths as seen from the checkout
 */
export async function uncommittedInSubmodules(git: Git): Promise<string[]> {
  if (!(await exists(join(git.workTree!, '.gitmodules')))) return [];
  const registered = await namesByPath(git);
  if (registered.size === 0) return [];
  const listed = await git.run(['ls-files', '-z', '-t', '--stage'], { accept: [0, 128] });
  const links = parseContent(listed.stdout).links.filter(({ path }) => registered.has(path));
  const found = links.map(async ({ path }) => {
    if ((await submoduleHead(git, path)) === null) return [];
    const inner = gitInside(git, path);
    const nested = new Set((await linksOfNested(git, path)).map((link) => link.path));
    const own = (await statusOf(inner)).changed.filter((file) => !nested.has(file));
    return [...own, ...(await uncommittedInSubmodules(inner))].map((file) => `${path}/${file}`);
  });
  return (await Promise.all(found)).flat();
}

/**
 * Decides which links stay links, and which become ordinary folders because the commit that they would name exists
 * nowhere else. Links whose folder is gone are dropped.
 * @param treeOf the tree of a submodule's files; null to keep every registered submodule as a link
 */
export async function sortSubmodules(
  git: Git,
  links: IndexEntry[],
  treeOf: ((path: string) => Promise<string>) | null,
): Promise<{ linked: IndexEntry[]; folders: string[] }> {
  const sorted = { linked: [] as IndexEntry[], folders: [] as string[] };
  if (links.length === 0) return sorted;
  const registered = await namesByPath(git);
  for (const link of links) {
    if (!(await isFolder(join(git.workTree!, link.path)))) continue;
    const head = await submoduleHead(git, link.path);
    const moved =
      head && (head.commit !== link.object || (treeOf && (await treeOf(link.path)) !== head.tree));
    if (head && (!registered.has(link.path) || (treeOf && moved))) sorted.folders.push(link.path);
    else sorted.linked.push({ ...link, object: head?.commit ?? link.object });
  }
  return sorted;
}
