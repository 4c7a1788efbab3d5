import { gitOf } from './repository';
import type { Repository } from './repository';

const PROMISED = '^(extensions\\.partialclone|remote\\..*\\.promisor)$';

/** How many files of a commit a partial clone (`git clone --filter`) lacks: our git downloads nothing. */
export async function filesNotFetched(repo: Repository, commit: string): Promise<number> {
  const git = gitOf(repo);
  const partial = await git.run(['config', '--get-regexp', PROMISED], { accept: [0, 1] });
  if (partial.exitCode === 1) return 0;
  const { stdout } = await git.run(['rev-list', '--objects', '--no-walk', '--missing=print', commit]);
  return stdout.split('\n').filter((line) => line.startsWith('?')).length;
}
