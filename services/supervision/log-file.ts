import { open, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

const LARGEST_BYTES = 10 * 1024 * 1024;

/** Opens a log for appending; one that has grown large becomes `<file>.1`. */
export async function openLog(file: string): Promise<FileHandle> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LARGEST_BYTES) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

/** Of a log that may be large, its end. */
const END_BYTES = 64 * 1024;

async function endOf(file: string): Promise<string> {
  const log = await open(file, 'r');
  try {
    const { size } = await log.stat();
    const { buffer, bytesRead } = await log.read({
      buffer: Buffer.alloc(END_BYTES),
      position: Math.max(0, size - END_BYTES),
    });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
}

/** The last line of a log that says anything. */
export async function lastLogLine(file: string): Promise<string> {
  const text = await endOf(file).catch(() => '');
  return text.trimEnd().split('\n').at(-1) || 'nothing';
}
