import type { DroppedLines } from '../../domain/model';
import type { Merge } from '../../git/content/dropped';
import { droppedLines } from '../../git/content/dropped-lines';
import type { Repository } from '../../git/repository/repository';
import type { ActivityDependencies } from '../scope/dependencies';

const MOST_FILES = 20;
const MOST_LINES = 5;
const MOST_CHARACTERS = 120;

/** What a resolution left out, for people to read. */
export async function droppedOf(
  { redact }: ActivityDependencies,
  repository: Repository,
  merge: Merge,
): Promise<DroppedLines[]> {
  const dropped = await droppedLines(repository, merge);
  return dropped.slice(0, MOST_FILES).map(({ path, lines }) => ({
    path,
    count: lines.length,
    // Cut last: half a secret is not recognized as one.
    lines: redact(lines.join('\n'))
      .split('\n')
      .slice(0, MOST_LINES)
      .map((line) => line.slice(0, MOST_CHARACTERS)),
  }));
}
