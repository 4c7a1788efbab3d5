import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeOldFolders } from '../../agents/process/old-folders';
import type { ActivityDependencies } from '../scope/dependencies';

/** Long outputs of a session stay this long after its last attempt began. */
const KEPT_DAYS = 14;
const DAY_MS = 24 * 60 * 60_000;

/** Characters of one attempt, after which nothing more of it is kept: a command in a loop must not fill the disk. */
const MAX_PER_ATTEMPT = 100_000_000;

export interface AttemptPlace {
  sessionId: number;
  task: number;
  number: number;
}

const sessionFolder = (outputs: string, sessionId: number) => join(outputs, `session-${sessionId}`);

/**
 * Keeps texts that are too long for a prompt or a row of the database as files, secrets taken out, which people and
 * the agent's own commands can look into. The answer is the file's path; null when it could not be kept.
 */
export function outputKeeper(
  { outputs, redact }: Pick<ActivityDependencies, 'outputs' | 'redact'>,
  { sessionId, task, number }: AttemptPlace,
): (text: string) => Promise<string | null> {
  const folder = join(sessionFolder(outputs, sessionId), `T${task}-${number}`);
  let room = MAX_PER_ATTEMPT;
  return async (text) => {
    if (text.length > room) return null;
    room -= text.length;
    const file = join(folder, `${randomUUID().slice(0, 8)}.txt`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, redact(text), { mode: 0o600, flag: 'wx' });
      return file;
    } catch {
      // A full disk: the beginning and the end of the output are on record all the same.
      return null;
    }
  };
}

/** Removes what sessions of long ago have left. */
export async function removeOldOutputs(outputs: string): Promise<void> {
  const named = (name: string) => /^session-\d+$/.test(name);
  await removeOldFolders(outputs, { named, ageMs: KEPT_DAYS * DAY_MS });
}
