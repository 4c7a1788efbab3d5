import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../process/runner';
import { textOf } from '../repository/text-of';

/** In the place of HEAD where a repository keeps its refs in tables. */
const ELSEWHERE = 'refs/heads/.invalid';

/** Old repositories have a link to the branch's file as their HEAD. */
const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );

/** A branch may be a name for another one: `main` for `master`, say. */
const isAlias = async ({ commonDir }: Git, ref: string): Promise<boolean> =>
  (await textOf(join(commonDir, ref)))?.startsWith('ref:') ?? false;

/** The ref that HEAD stands for, such as `refs/heads/main`; null when it is detached. */
export async function symbolicHead(git: Git): Promise<string | null> {
  const file = join(git.gitDir, 'HEAD');
  const text = (await textOf(file)) ?? '';
  const ref = /^ref: (\S+)\n?$/.exec(text)?.[1];
  if (ref && ref !== ELSEWHERE && !(await isAlias(git, ref))) return ref;
  if (/^[0-9a-f]{40,64}\n?$/.test(text) && !(await isLink(file))) return null;
  const { stdout } = await git.run(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] });
  return stdout.trim() || null;
}
