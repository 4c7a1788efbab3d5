import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from './repository';
import { textOf } from './text-of';

const LINE = '/.worktrees/';

/** Makes git ignore `.worktrees/` in the user's checkout without a change to any of the user's files. Idempotent. */
export async function excludeWorktrees(repo: Repository): Promise<void> {
  const file = join(repo.gitDir, 'info', 'exclude');
  const text = (await textOf(file)) ?? '';
  if (text.split(/\r?\n/).includes(LINE)) return;
  await mkdir(join(repo.gitDir, 'info'), { recursive: true });
  await appendFile(file, `${text && !text.endsWith('\n') ? '\n' : ''}${LINE}\n`);
}
