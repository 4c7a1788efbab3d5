import { readdir, readFile, readlink } from 'node:fs/promises';

/** What Linux tells in /proc. Elsewhere, and of a process that has ended or is another user's, it is empty. */

export const processIds = async (): Promise<number[]> =>
  (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);

/** Its command line, the program first. */
export const argumentsOf = (pid: number): Promise<string[]> => wordsIn(`/proc/${pid}/cmdline`);

/** What it was started with, as NAME=value. */
export const environmentOf = (pid: number): Promise<string[]> => wordsIn(`/proc/${pid}/environ`);

/** The first 15 bytes of its program's name. */
export const programOf = async (pid: number): Promise<string> =>
  (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();

/** Its working directory. */
export const folderOf = (pid: number): Promise<string> => readlink(`/proc/${pid}/cwd`).catch(() => '');

const wordsIn = (file: string): Promise<string[]> =>
  readFile(file, 'utf8').then(
    (content) => content.split('\0'),
    () => [],
  );
