import { commitOf } from './commits';
import { countOwn } from './own-line';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface OwnCommit {
  commit: string;
  subject: string;
}

const MOST = 50;

/** The commits on top of `base` that a ref keeps, oldest first, of very many the newest fifty; none when either is gone. */
export async function ownCommits(repo: Repository, base: string, ref: string): Promise<OwnCommit[]> {
  if (!(await commitOf(repo, base)) || !(await commitOf(repo, ref))) return [];
  const range = ['--first-parent', `--max-count=${MOST}`, ref, `^${base}`, '--'];
  const { stdout } = await gitOf(repo).run(['log', '-z', '--format=%H %s', ...range]);
  const listed = stdout
    .split('\0')
    .filter(Boolean)
    .map((line) => ({
      commit: line.slice(0, line.indexOf(' ')),
      subject: line.slice(line.indexOf(' ') + 1),
    }));
  const line = listed.map(({ commit }) => commit);
  return listed.slice(0, await countOwn(repo, line, base)).reverse();
}
