import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

export interface FileStat {
  path: string;
  /** Lines; null for a binary file. */
  added: number | null;
  removed: number | null;
}

/** How much each file differs between two commits. */
export async function diffStat(repo: Repository, from: string, to: string): Promise<FileStat[]> {
  const flags = ['--numstat', '-z', '-r', '--no-renames', '--no-ext-diff', '--no-textconv'];
  const { stdout } = await gitOf(repo).run(['diff-tree', ...flags, '--ignore-submodules=dirty', from, to]);
  return stdout
    .split('\0')
    .filter(Boolean)
    .map((record) => {
      const [added = '', removed = '', ...path] = record.split('\t');
      return { path: path.join('\t'), added: countOf(added), removed: countOf(removed) };
    });
}

const countOf = (text: string): number | null => (text === '-' ? null : Number(text));
