import type { DroppedLines } from '../../domain/model';
import { firstLine, plural } from './units';

/** `2 lines of a.txt, 1 line of b.txt`. */
export const droppedText = (dropped: readonly DroppedLines[]): string =>
  dropped.map(({ path, count }) => `${plural(count, 'line')} of ${firstLine(path)}`).join(', ');
