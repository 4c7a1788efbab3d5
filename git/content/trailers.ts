import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface CommitText {
  subject: string;
  trailers: string;
}

/** Of each commit, its first line and its trailers, a line each. */
export async function subjectsAndTrailers(repo: Repository, commits: string[]): Promise<CommitText[]> {
  if (commits.length === 0) return [];
  const format = '--format=%s%x01%(trailers:only,unfold)';
  const args = ['log', '-z', '--no-walk=unsorted', '--stdin', format];
  const { stdout } = await gitOf(repo).run(args, { input: `${commits.join('\n')}\n` });
  return stdout
    .split('\0')
    .filter(Boolean)
    .map((record) => {
      const [subject = '', trailers = ''] = record.split('\x01');
      return { subject, trailers: trailers.trim() };
    });
}
