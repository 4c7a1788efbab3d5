import { join } from 'node:path';
import type { Git } from '../process/runner';

/**
 * The names of submodules by their paths, as a checkout's `.gitmodules` says: any other link is a repository that was
 * added by mistake.
 */
export async function namesByPath(git: Git): Promise<Map<string, string>> {
  const file = join(git.workTree!, '.gitmodules');
  const args = ['config', '-z', '--file', file, '--get-regexp', '^submodule\\..*\\.path$'];
  const { stdout } = await git.run(args, { accept: [0, 1, 128] });
  return new Map(
    stdout
      .split('\0')
      .filter(Boolean)
      .map((record): [string, string] => {
        const end = record.indexOf('\n');
        return [record.slice(end + 1), record.slice('submodule.'.length, end - '.path'.length)];
      }),
  );
}
