import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inputText } from './tool';
import { worktreePath } from './worktree-path';

/** The SDK writes to a file beside the target and renames it; a kill in between leaves that file. */
const TEMPORARY = /^\.tmp-\d+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Removes what a killed `write` or `edit` left beside its file, so that it is not committed. */
export async function removeTemporaryFiles(worktree: string, input: unknown): Promise<void> {
  const target = await worktreePath(worktree, inputText(input, 'file_path') ?? '').catch(() => null);
  if (!target) return;
  const folder = dirname(target.real);
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => TEMPORARY.test(name));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
