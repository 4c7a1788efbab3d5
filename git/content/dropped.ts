import { changesBetween, readable } from './diff';
import { mergeTrees } from './merge-tree';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

async function blobsOf(repo: Repository, tree: string): Promise<Map<string, string>> {
  const { stdout } = await gitOf(repo).run(['ls-tree', '-r', '-z', tree], { bytes: true });
  const rows = stdout.split('\0').filter(Boolean);
  return new Map(
    rows.map((row) => {
      const tab = row.indexOf('\t');
      return [row.slice(tab + 1), row.slice(0, tab).split(' ')[2]!];
    }),
  );
}

export interface Merge {
  ours: string;
  theirs: string;
  /** The tree that somebody made of it. */
  result: string;
}

/**
 * Files in which a merge kept our version whole, although theirs had changed it and git would not have: everything
 * that others did there is gone. What is at another path now is not lost.
 */
export async function droppedFiles(repo: Repository, { ours, theirs, result }: Merge): Promise<string[]> {
  const git = gitOf(repo);
  const base = await git.line(['merge-base', ours, theirs]);
  const changes = await changesBetween(git, base, theirs);
  const [own, made] = [await blobsOf(repo, ours), await blobsOf(repo, result)];
  const auto = await blobsOf(repo, (await mergeTrees(repo, { ours, theirs })).tree);
  const kept = new Set(made.values());
  return changes
    .filter(({ path, status, newObject }) => {
      if (status === 'D' || kept.has(newObject)) return false;
      return made.get(path) === own.get(path) && auto.get(path) !== own.get(path);
    })
    .map(({ path }) => readable(path));
}

const MOST_CHARACTERS = 200_000;

/** What somebody made of a merge, compared with what git makes of it by itself, markers and all. */
export async function resolutionDiff(repo: Repository, { ours, theirs, result }: Merge): Promise<string> {
  const { tree } = await mergeTrees(repo, { ours, theirs });
  const args = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', tree, result];
  const { stdout } = await gitOf(repo).run(args);
  return stdout.length > MOST_CHARACTERS ? `${stdout.slice(0, MOST_CHARACTERS)}\n[cut off]\n` : stdout;
}
