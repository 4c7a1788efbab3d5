import { gitOf, type Repository } from '../repository/repository';

/** The files of a tree, bytes as latin1: see `GitRun.bytes`. */
export async function blobsOf(repo: Repository, tree: string): Promise<Map<string, string>> {
  const { stdout } = await gitOf(repo).run(['ls-tree', '-r', '-z', tree], { bytes: true });
  const rows = stdout.split('\0').filter(Boolean);
  return new Map(
    rows.map((row) => {
      const tab = row.indexOf('\t');
      return [row.slice(tab + 1), row.slice(0, tab).split(' ')[2]!];
    }),
  );
}
