import { runCommand } from '../../services/command';

const TIMEOUT_MS = 120_000;

/** What a folder takes on disk, in bytes; null where that cannot be told (`du` is in every POSIX system). */
export async function diskUse(path: string): Promise<number | null> {
  const { stdout } = await runCommand('du', ['-sk', path], { timeoutMs: TIMEOUT_MS });
  // It says what it could add up even where a folder cannot be read.
  const kilobytes = /^(\d+)\s/.exec(stdout)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
