import { copyFile, open, readdir, stat, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LARGEST_BYTES = 10 * 1024 * 1024;
const LOOK_MS = 60_000;

/** Opens a log for appending; what was in one that has grown large is in `<file>.1` then, if the disk has room. */
export async function openLog(file: string): Promise<FileHandle> {
  await bound(file).catch(() => undefined);
  return open(file, 'a', 0o600);
}

/**
 * Empties a log that has grown large, and keeps what was in it as `<file>.1`. Not renamed: programs that run write on into
 * the file that they were started with, and as they append, they go on at its new end. A line that is written in this
 * moment may be lost.
 */
async function bound(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= LARGEST_BYTES) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
}

/** Keeps all logs in a folder from growing for as long as programs run. Returns what ends that. */
export function keepLogsBounded(folder: string, everyMs = LOOK_MS): () => void {
  const over = new AbortController();
  void keepBounded(folder, everyMs, over.signal);
  return () => over.abort();
}

async function keepBounded(folder: string, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.log'))) {
      // On a full disk it cannot be kept: the next look is soon.
      await bound(path.join(folder, name)).catch(() => undefined);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
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

/** What Node prints around the message of an error: its stack, what it has besides, and a farewell. */
const AROUND_A_MESSAGE = /^(?:\s.*|}|Node\.js v\S+)?$/;

/** The last line of a log that says anything. */
export async function lastLogLine(file: string): Promise<string> {
  const text = await endOf(file).catch(() => '');
  const line = text.split('\n').findLast((part) => !AROUND_A_MESSAGE.test(part));
  return line?.replace(/ {$/, '').replace(/^\[(.*)]$/, '$1') ?? 'nothing';
}
