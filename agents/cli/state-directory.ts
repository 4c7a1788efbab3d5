import { readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the CLIs keep their conversations: below YokeFlow's own folder, outside of any worktree. */
export const stateDirectory = ({ YOKEFLOW_HOME, HOME }: NodeJS.ProcessEnv): string =>
  join(YOKEFLOW_HOME || join(HOME || homedir(), '.yokeflow'), 'agents');

/** One that was held for longer starts anew, from what is in its worktree. */
const KEPT_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Removes conversations that nobody goes on with: their task was cancelled, or their session terminated. Beside what was
 * said they may hold a way to the database, see `writeMcpConfig`.
 */
export async function removeOldConversations(directory: string, now = Date.now()): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((each) => /^\d+-/.test(each))) {
    const folder = join(directory, name);
    const changed = await stat(folder).catch(() => null);
    if (changed && now - changed.mtimeMs > KEPT_DAYS * DAY_MS)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
