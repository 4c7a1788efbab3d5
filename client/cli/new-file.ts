import { constants } from 'node:fs';
import { access, lstat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from './exit';

const THERE = 'is there already: give another name, or remove it';

/** Whether the file can be written later. @param name the file as the person wrote it */
export async function requireNew(file: string, name: string): Promise<void> {
  if (name === '-') throw new UsageError('--output: - is no file: give one, the plan is printed as well');
  if (await lstat(file).catch(() => null)) throw new UsageError(`--output: ${name} ${THERE}`);
  await access(path.dirname(file), constants.W_OK).catch(() => {
    throw new UsageError(`--output: ${name} cannot be written: give a file in a folder that is there`);
  });
}

/** @param name the file as the person wrote it */
export async function writeNew(file: string, text: string, name: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? THERE : `cannot be written (${error.message}): give another file`;
    throw new UsageError(`--output: ${name} ${why}`);
  });
}
