import { join } from 'node:path';
import { readable } from '../content/diff';
import type { Git } from '../process/runner';
import { textOf } from '../repository/text-of';

/** Where HEAD was moved to last in this checkout, by whatever knew of the checkout; null where git keeps no such log. */
async function lastKnown({ gitDir }: Git): Promise<string | null> {
  const log = (await textOf(join(gitDir, 'logs', 'HEAD'))) ?? '';
  const last = log.trimEnd().split('\n').pop() ?? '';
  return /^[0-9a-f]+ ([0-9a-f]{40,64}) /.exec(last)?.[1] ?? null;
}

/**
 * The commit that the files of a checkout are at: `tip`, as a rule. But when a branch is moved from elsewhere, by an
 * agent's `git update-ref` for example, its checkout stays behind, and the way back looks like the user's own staged
 * change. It is taken for a checkout left behind only when its own log does not know of the move, and its index is
 * exactly what that log says.
 */
export async function placeOf(git: Git, tip: string): Promise<string> {
  const known = await lastKnown(git);
  if (known === null || known === tip) return tip;
  const same = await git.run(['diff-index', '--cached', '--quiet', known, '--'], { accept: [0, 1, 128] });
  return same.exitCode === 0 ? known : tip;
}

/** Files that are not as the index has them. */
export async function editedFiles(git: Git): Promise<string[]> {
  const { stdout } = await git.run(['diff-files', '--name-only', '-z'], { bytes: true });
  return stdout.split('\0').filter(Boolean).map(readable);
}
