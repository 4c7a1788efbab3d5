import { rm } from 'node:fs/promises';
import { exists } from '../exists';
import { replaceFile } from '../replace-file';

/** There while a database is made, until the server on it has been ready for the first time. */
const markOf = (database: string): string => `${database}.unfinished`;

const PARTS = ['', '-wal', '-shm', '-journal'];

/**
 * Before each start: Temporal makes its tables one after the other, and only where no file is. One that a crash or a full disk
 * has left half-made would keep it from starting for ever. Nothing has been in it yet.
 */
export async function removeHalfMade(database: string): Promise<void> {
  if (await exists(markOf(database)))
    for (const part of PARTS) await rm(`${database}${part}`, { force: true });
  else if (!(await exists(database))) await replaceFile(markOf(database), '');
}

/** Call it when the server is ready. */
export const keepMade = (database: string): Promise<void> => rm(markOf(database), { force: true });
