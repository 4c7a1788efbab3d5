import { join } from 'node:path';
import type { Repository } from '../repository/repository';
import { textOf } from '../repository/text-of';

/** A line of the log that git keeps the list in: what was stashed, in which second, and where. */
const ENTRY = /^[0-9a-f]+ ([0-9a-f]+) .* (\d+) [+-]\d{4}\t(?:WIP on|On) (\S+): /gm;

/** What was stashed away from a branch since then (in milliseconds) and is still in the list, which all worktrees share. */
export async function stashedSince(
  repo: Repository,
  { branch, since }: { branch: string; since: number },
): Promise<string[]> {
  const log = (await textOf(join(repo.gitDir, 'logs', 'refs', 'stash'))) ?? '';
  return [...log.matchAll(ENTRY)]
    .filter(([, , seconds, of]) => of === branch && 1000 * Number(seconds) > since)
    .map(([, commit]) => commit!);
}
