import { unstagedChanges } from './diff';
import type { Change } from './diff';
import { statesIn } from './path-state';
import { statusOf } from './status';
import type { Git } from '../process/runner';

/**
 * True where a checkout holds, byte for byte, what a change begins with: what git sees changed there are line ends that it
 * would convert, since attributes have come after the files. Nobody has edited anything, and nothing keeps the files from
 * moving, which git's `-m` does not do then.
 */
export async function isAsCommitted(git: Git, changes: Change[]): Promise<boolean> {
  if ((await statusOf(git)).unmerged.length > 0) return false;
  const states = [...(await statesIn(git, changes)).values()];
  if (states.some(({ disk = 'old', index }) => disk !== 'old' || index !== 'old')) return false;
  const modes = (await unstagedChanges(git)).filter(({ oldMode, newMode }) => oldMode !== newMode);
  return !modes.some(({ path }) => changes.some((change) => change.path === path));
}
