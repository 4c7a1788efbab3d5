import { readFile, stat } from 'node:fs/promises';

/** The SDK edits nothing larger, and says so itself. */
const MOST_BYTES = 256 * 1024;

/** What of a file would be edited; null for what will not be. */
export async function editable(path: string): Promise<Buffer | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() && found.size <= MOST_BYTES ? readFile(path) : null;
}
