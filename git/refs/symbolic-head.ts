import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../process/runner';

/** In the place of HEAD where a repository keeps its refs in tables. */
const ELSEWHERE = 'refs/heads/.invalid';

/** The ref that HEAD stands for, such as `refs/heads/main`; null when it is detached. */
export async function symbolicHead(git: Git): Promise<string | null> {
  const text = await readFile(join(git.gitDir, 'HEAD'), 'utf8').catch(() => '');
  const ref = /^ref: (\S+)\n?$/.exec(text)?.[1];
  if (ref && ref !== ELSEWHERE) return ref;
  const { stdout } = await git.run(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] });
  return stdout.trim() || null;
}
