import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** What `ps` prints. */
export const ps = (...args: string[]): Promise<string> => outputOf('ps', ...args);

/** What a program prints that tells of processes; nothing where it does not start. */
export function outputOf(program: string, ...args: string[]): Promise<string> {
  const child = spawn(program, args, {
    // The words for a time must be the same whoever asks.
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const failed = new Promise<string>((resolve) => child.once('error', () => resolve('')));
  return Promise.race([text(child.stdout), failed]);
}

/** Its command line in one piece, where no /proc tells the words; empty for a process that has ended. */
export const commandLineOf = async (pid: number): Promise<string> =>
  (await ps('-ww', '-p', String(pid), '-o', 'command=')).trimEnd();
