import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

/** Writes a file for its owner alone; readers see the old content or the new, whatever crashes. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const half = `${file}.${process.pid}-${randomBytes(3).toString('hex')}`;
  try {
    const handle = await open(half, 'wx', 0o600);
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
