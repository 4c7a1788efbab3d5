import { readFile } from 'node:fs/promises';
import { filePath } from './diff';
import type { Change } from './diff';
import { blobsOnDisk } from './disk-blobs';
import type { Git } from '../process/runner';

/** How one path of an interrupted update looks: as before, as after, half-written, or of other hands. */
export type PathState = 'old' | 'new' | 'partial' | 'foreign';

const GITLINK = '160000';
export const isNothing = (object: string) => /^0+$/.test(object);

/** True when a file is the beginning of what git was writing there when it was killed. */
async function isHalfWritten(git: Git, change: Change): Promise<boolean> {
  if (isNothing(change.newObject)) return false;
  const wanted = (await git.run(['cat-file', 'blob', change.newObject], { bytes: true })).stdout;
  const content = await readFile(filePath(git.workTree!, change.path), 'latin1').catch(() => null);
  return content !== null && content.length < wanted.length && wanted.startsWith(content);
}

async function stateOnDisk(git: Git, change: Change, blob: string | null): Promise<PathState> {
  if (blob === null)
    return isNothing(change.oldObject) ? 'old' : isNothing(change.newObject) ? 'new' : 'partial';
  if (blob === change.oldObject) return 'old';
  if (blob === change.newObject) return 'new';
  return (await isHalfWritten(git, change)) ? 'partial' : 'foreign';
}

/** The state of each changed file in the checkout. Links to submodules are left out: git never fills them. */
export async function statesOnDisk(git: Git, changes: Change[]): Promise<Map<string, PathState>> {
  const files = changes.filter(({ oldMode, newMode }) => oldMode !== GITLINK && newMode !== GITLINK);
  const idLength = changes[0]?.oldObject.length ?? 0;
  const blobs = await blobsOnDisk(
    git,
    files.map(({ path }) => path),
    idLength,
  );
  const states = new Map<string, PathState>();
  for (const change of files)
    states.set(change.path, await stateOnDisk(git, change, blobs.get(change.path) ?? null));
  return states;
}

/** The state of each changed path in the index. `foreign`: the user staged something else there. */
export async function statesInIndex(git: Git, changes: Change[]): Promise<Map<string, PathState>> {
  const { stdout } = await git.run(['ls-files', '-z', '--stage'], { bytes: true });
  const entries = new Map<string, string>();
  for (const record of stdout.split('\0').filter(Boolean)) {
    const tab = record.indexOf('\t');
    const [, object = '', stage] = record.slice(0, tab).split(' ');
    entries.set(record.slice(tab + 1), stage === '0' ? object : 'unmerged');
  }
  const states = changes.map(({ path, oldObject, newObject }): [string, PathState] => {
    const entry = entries.get(path) ?? '0'.repeat(oldObject.length);
    return [path, entry === oldObject ? 'old' : entry === newObject ? 'new' : 'foreign'];
  });
  return new Map(states);
}
