import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * What is in a file; null where there is none that can be read. A pipe that an agent has put in its place is empty: to wait
 * until somebody writes into it might take for ever, and four such waits are all that Node has threads for.
 */
export async function textOf(
  file: string | Buffer,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<string | null> {
  const flag = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  return readFile(file, { encoding, flag }).catch(() => null);
}
