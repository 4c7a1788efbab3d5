import type { DroppedLines } from '../../domain/model';
import { resolutionDiff, type Merge } from '../../git/content/dropped';
import { droppedLines } from '../../git/content/dropped-lines';
import type { Repository } from '../../git/repository/repository';
import type { ActivityDependencies } from '../scope/dependencies';

type Redactor = Pick<ActivityDependencies, 'redact'>;

const MOST_FILES = 20;
const MOST_LINES = 5;
const MOST_CHARACTERS = 120;
const MOST_OF_DIFF = 200_000;

// Both are cut last: half a secret is not recognized as one.

/** What a resolution left out, for people to read. */
export async function droppedOf(
  { redact }: Redactor,
  repository: Repository,
  merge: Merge,
): Promise<DroppedLines[]> {
  const dropped = await droppedLines(repository, merge);
  return dropped.slice(0, MOST_FILES).map(({ path, lines, deletion }) => ({
    path,
    count: lines.length,
    ...(deletion ? { deletion } : {}),
    lines: redact(lines.join('\n'))
      .split('\n')
      .slice(0, MOST_LINES)
      .map((line) => line.slice(0, MOST_CHARACTERS)),
  }));
}

/** What a resolution changed of what git had made of the merge, for people to read. */
export async function diffOf({ redact }: Redactor, repository: Repository, merge: Merge): Promise<string> {
  const diff = redact(await resolutionDiff(repository, merge));
  return diff.length > MOST_OF_DIFF ? `${diff.slice(0, MOST_OF_DIFF)}\n[cut off]\n` : diff;
}
