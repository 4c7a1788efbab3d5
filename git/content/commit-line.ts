import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

const MOST = 60;

/** A commit in a few words: `1a2b3c4 "Fix a typo" by A User`. */
export async function commitLine(repo: Repository, commit: string): Promise<string> {
  const format = '--format=%h%x00%s%x00%an';
  const line = await gitOf(repo).line(['log', '--max-count=1', format, commit, '--']);
  const [id = '', subject = '', author = ''] = line.split('\0');
  return `${id} "${subject.slice(0, MOST)}" by ${author.slice(0, MOST)}`;
}
