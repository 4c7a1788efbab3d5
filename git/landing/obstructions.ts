import { lstat, readdir } from 'node:fs/promises';
import { filePath, GITLINK } from '../content/diff';
import type { Change } from '../content/diff';

const parentsOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

/** Those of `paths` that one of `others` is at, below or above: a file cannot be where a folder is. */
export function overlapping(paths: readonly string[], others: readonly string[]): string[] {
  const at = new Set(others);
  const above = new Set(others.flatMap(parentsOf));
  return paths.filter(
    (path) => at.has(path) || above.has(path) || parentsOf(path).some((parent) => at.has(parent)),
  );
}

async function filesBelow(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(filePath(folder, path), { withFileTypes: true, encoding: 'buffer' });
  const below = entries.map(async (entry) => {
    const inner = `${path}/${entry.name.toString('latin1')}`;
    return entry.isDirectory() ? filesBelow(folder, inner) : [inner];
  });
  return (await Promise.all(below)).flat();
}

/**
 * Files in a checkout that git does not track, ignored ones too, at paths that a change adds: git overwrites ignored
 * files without a word. A file or a link where a folder must be counts too, and so does a folder where a file must be.
 * @returns paths as in `Change`
 */
export async function obstructions(checkout: string, changes: Change[]): Promise<string[]> {
  const goes = new Set(changes.filter(({ status }) => status === 'D').map(({ path }) => path));
  const found = new Set<string>();
  const seen = new Set<string>();
  const look = async (path: string) => lstat(filePath(checkout, path)).catch(() => null);

  async function lookAtParents(path: string): Promise<boolean> {
    for (const parent of parentsOf(path)) {
      if (seen.has(parent)) continue;
      const at = await look(parent);
      if (at && !at.isDirectory()) {
        if (!goes.has(parent)) found.add(parent);
        return false;
      }
      if (!at) return false;
      seen.add(parent);
    }
    return true;
  }

  for (const { path, status, newMode } of changes.filter((one) => one.status !== 'D')) {
    // Nothing can be at the path when one of its parents is not a folder.
    if (!(await lookAtParents(path)) || status !== 'A') continue;
    const at = await look(path);
    if (!at || (at.isDirectory() && newMode === GITLINK)) continue;
    if (!at.isDirectory()) found.add(path);
    else for (const file of await filesBelow(checkout, path)) if (!goes.has(file)) found.add(file);
  }
  return [...found].sort();
}
