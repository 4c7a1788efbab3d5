import { readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WORKTREES_DIRECTORY } from '../../domain/names';
import { exists } from '../repository/exists';
import type { Repository } from '../repository/repository';
import { textOf } from '../repository/text-of';
import { linkIn, mendLink } from './link';

/**
 * Leads worktrees and their repository to each other again after it was moved with all that is in it: either knows the other
 * by where that was. What `git worktree repair` does, for those that are where they were in it. Call it under the
 * repository's lock.
 */
export async function followMove(repo: Repository): Promise<void> {
  const folder = join(repo.gitDir, 'worktrees');
  for (const name of await readdir(folder).catch(() => [])) {
    const entry = join(folder, name);
    const known = (await textOf(join(entry, 'gitdir')))?.trim();
    if (!known || (await exists(resolve(entry, known)))) continue;
    const path = join(repo.path, WORKTREES_DIRECTORY, basename(dirname(known)));
    const link = await linkIn(path);
    if (link === null || basename(link) !== name) continue;
    await writeFile(join(entry, 'gitdir'), `${join(path, '.git')}\n`);
    await mendLink(path, entry);
  }
}
