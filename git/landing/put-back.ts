import { rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { filePath, GITLINK } from '../content/diff';
import type { Change } from '../content/diff';
import { isNothing } from '../content/path-state';
import type { Git } from '../process/runner';

async function removeFile(checkout: string, path: string): Promise<void> {
  await unlink(filePath(checkout, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  });
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    const removed = await rmdir(filePath(checkout, parent)).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

/**
 * Puts the old side of some changes back into a checkout, files and index. The caller has made sure that none of
 * them holds anything else than one of the two sides.
 * @param sparse those of them that the user's sparse checkout leaves out: they stay out
 */
export async function putBack(git: Git, all: Change[], sparse: Change[]): Promise<void> {
  const info = all.map(({ path, oldMode, oldObject }) =>
    isNothing(oldObject) ? `0 ${oldObject}\t${path}\0` : `${oldMode} ${oldObject} 0\t${path}\0`,
  );
  await git.run(['update-index', '-z', '--index-info'], { input: Buffer.from(info.join(''), 'latin1') });
  if (sparse.length > 0) {
    const input = Buffer.from(sparse.map(({ path }) => `${path}\0`).join(''), 'latin1');
    await git.run(['update-index', '-z', '--skip-worktree', '--stdin'], { input });
  }
  const changes = all.filter((change) => !sparse.includes(change));
  for (const { path, oldObject } of changes) if (isNothing(oldObject)) await removeFile(git.workTree!, path);
  const kept = changes.filter(({ oldObject, oldMode }) => !isNothing(oldObject) && oldMode !== GITLINK);
  const input = Buffer.from(kept.map(({ path }) => `${path}\0`).join(''), 'latin1');
  await git.run(['checkout-index', '--force', '-u', '-z', '--stdin'], { input });
}
