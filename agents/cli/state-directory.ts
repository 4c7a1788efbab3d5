import { removeOldFolders } from '../process/old-folders';

/** One that was held for longer starts anew, from what is in its worktree. */
const KEPT_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Removes conversations that nobody goes on with: their task was cancelled, or their session terminated. Beside what was
 * said they may hold a way to the database, see `writeMcpConfig`.
 */
export async function removeOldConversations(directory: string): Promise<void> {
  const named = (name: string) => /^\d+-/.test(name);
  await removeOldFolders(directory, { named, ageMs: KEPT_DAYS * DAY_MS });
}
