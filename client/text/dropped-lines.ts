import type { DroppedLines } from '../../domain/model';
import { plural } from '../../domain/plural';
import { firstLine } from './units';

/** `2 lines of a.txt, the deletion of b.txt`. */
export const droppedText = (dropped: readonly DroppedLines[]): string =>
  dropped
    .map(
      ({ path, count, deletion }) =>
        `${deletion ? 'the deletion' : plural(count, 'line')} of ${firstLine(path)}`,
    )
    .join(', ');
