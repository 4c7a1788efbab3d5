import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { branchRef } from '../refs/refs';
import { unlanded } from './commits';

export interface ForeignCommit {
  commit: string;
  subject: string;
}

const FORMAT = '--format=%H%x01%s%x01%(trailers:key=YokeFlow-Task,valueonly)';
const MOST = 200;

/** What is on a branch that is there, not in `tips`, and no task's commit nor a merge: somebody's own work, the newest first. */
export async function foreignCommits(
  repo: Repository,
  { branch, tips }: { branch: string; tips: string[] },
): Promise<ForeignCommit[]> {
  const range = ['--no-merges', `--max-count=${MOST}`, branchRef(branch), '--not', ...tips, '--'];
  const { stdout } = await gitOf(repo).run(['log', '-z', FORMAT, ...range]);
  const found = stdout
    .split('\0')
    .filter(Boolean)
    .map((record) => record.split('\x01'))
    .filter(([, , task = '']) => !task.trim())
    .map(([commit = '', subject = '']) => ({ commit, subject }));
  // The list goes by dates: where clocks differed, it has contained ones, too.
  const ids = found.map(({ commit }) => commit);
  const outside = (await unlanded(repo, ids, tips)).unlanded;
  return found.filter(({ commit }) => outside.has(commit));
}
