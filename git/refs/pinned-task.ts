import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** What a task's commit says of itself. */
export interface PinnedTask {
  commit: string;
  /** Its only parent: where the task started. Null when it has none, or several. */
  base: string | null;
  subject: string;
  /** ISO 8601. */
  date: string;
  empty: boolean;
  /** From its trailers; NaN where there is none. */
  task: number;
  session: number;
  attempt: number;
}

const trailer = (key: string) => `%(trailers:key=YokeFlow-${key},valueonly,separator=%x2C)`;
const FIELDS = ['%H', '%P', '%s', '%cI', trailer('Task'), trailer('Session'), trailer('Attempt')];

/** Reads commits with one git process (and another one for each that may be empty). */
export async function readPinned(repo: Repository, commits: string[]): Promise<PinnedTask[]> {
  if (commits.length === 0) return [];
  const git = gitOf(repo);
  const args = ['log', '--no-walk=unsorted', '--stdin', '-z', `--format=${FIELDS.join('%x1f')}`];
  const { stdout } = await git.run(args, { input: `${commits.join('\n')}\n` });
  const rows = stdout.split('\0').filter(Boolean);
  return Promise.all(
    rows.map(async (row) => {
      const [commit = '', parents = '', subject = '', date = '', ...numbers] = row.split('\x1f');
      const base = /^[0-9a-f]+$/.test(parents) ? parents : null;
      const [task = NaN, session = NaN, attempt = NaN] = numbers.map((text) => Number(text || NaN));
      return {
        commit,
        base,
        subject,
        date,
        task,
        session,
        attempt,
        empty: await isEmpty(repo, commit, base),
      };
    }),
  );
}

async function isEmpty(repo: Repository, commit: string, base: string | null): Promise<boolean> {
  if (!base) return false;
  const args = ['diff-tree', '--quiet', base, commit];
  return (await gitOf(repo).run(args, { accept: [0, 1] })).exitCode === 0;
}
