import { filePath, GITLINK } from './diff';
import type { Change } from './diff';
import { blobsOnDisk, OTHER } from './disk-blobs';
import { isHalfWritten } from './half-written';
import type { Git } from '../process/runner';

/**
 * How one path of an interrupted update looks: as before, as after, half-written, not there although it was before and is to
 * be after, or of other hands.
 */
export type PathState = 'old' | 'new' | 'partial' | 'missing' | 'foreign';

export const isNothing = (object: string) => /^0+$/.test(object);

async function stateOnDisk(git: Git, change: Change, blob: string | null): Promise<PathState> {
  const { path, oldObject, newObject } = change;
  if (blob === null) return isNothing(oldObject) ? 'old' : isNothing(newObject) ? 'new' : 'missing';
  if (blob === oldObject) return 'old';
  if (blob === newObject) return 'new';
  if (blob === OTHER || isNothing(newObject)) return 'foreign';
  return (await isHalfWritten(git, filePath(git.workTree!, path), newObject)) ? 'partial' : 'foreign';
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
  const changed = files.filter(({ path, oldObject }) => ![oldObject, OTHER, null].includes(blobs.get(path)!));
  const exact = await blobsOnDisk(
    git,
    changed.map(({ path }) => path),
    idLength,
    '--no-filters',
  );
  // Where attributes have come after a file with CRLF, it would be stored as another one as soon as git looks at it.
  for (const { path, oldObject } of changed) if (exact.get(path) === oldObject) blobs.set(path, oldObject);
  const states = new Map<string, PathState>();
  for (const change of files)
    states.set(change.path, await stateOnDisk(git, change, blobs.get(change.path) ?? null));
  return states;
}

export interface CheckoutState {
  /** Undefined for a link to a submodule. */
  disk: PathState | undefined;
  /** `foreign`: the user staged something else there. */
  index: PathState;
  /** Not on disk, since the user's sparse checkout leaves it out: git changes it in the index alone. */
  sparse: boolean;
}

/** The state of each changed path in a checkout. */
export async function statesIn(git: Git, changes: Change[]): Promise<Map<string, CheckoutState>> {
  const [disk, entries] = await Promise.all([statesOnDisk(git, changes), indexEntries(git)]);
  const states = changes.map(({ path, oldObject, newObject }): [string, CheckoutState] => {
    const { object = '0'.repeat(oldObject.length), skipped = false } = entries.get(path) ?? {};
    const index = object === oldObject ? 'old' : object === newObject ? 'new' : 'foreign';
    const sparse = skipped && disk.get(path) === 'missing';
    return [path, { disk: sparse ? 'old' : disk.get(path), index, sparse }];
  });
  return new Map(states);
}

async function indexEntries(git: Git): Promise<Map<string, { object: string; skipped: boolean }>> {
  const { stdout } = await git.run(['ls-files', '-z', '-t', '--stage'], { bytes: true });
  const entries = new Map<string, { object: string; skipped: boolean }>();
  for (const record of stdout.split('\0').filter(Boolean)) {
    const tab = record.indexOf('\t');
    const [tag, , object = '', stage] = record.slice(0, tab).split(' ');
    entries.set(record.slice(tab + 1), {
      object: stage === '0' ? object : 'unmerged',
      skipped: tag === 'S',
    });
  }
  return entries;
}
