import { lstat, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { canonical } from '../repository/checkout';
import { textOf } from '../repository/text-of';

/** The file by which the git of whoever works in a worktree finds its repository. Ours is told where that is. */
const fileIn = (path: string) => join(path, '.git');

/** Whether it leads to the worktree's own folder in the repository. A repository that somebody made there is let be. */
export async function leadsTo(path: string, entry: string): Promise<boolean> {
  const found = await lstat(fileIn(path)).catch(() => null);
  if (found?.isDirectory()) return true;
  const [, to] = /^gitdir: (.+?)\n?$/.exec((await textOf(fileIn(path))) ?? '') ?? [];
  return to !== undefined && (await canonical(resolve(path, to))) === (await canonical(entry));
}

/** Without it, git would take the user's checkout above for where it is, and work there. */
export async function mendLink(path: string, entry: string): Promise<void> {
  if (await leadsTo(path, entry)) return;
  await rm(fileIn(path), { force: true });
  await writeFile(fileIn(path), `gitdir: ${entry}\n`);
}
