import { shortened } from '../../domain/shortened';

const LINE_LIMIT = 200;

/** The beginning and the end of a text of more lines than this, with what is missing between. */
export function excerpt(text: string, lines: number): string {
  const all = text
    .trimEnd()
    .split('\n')
    .map((line) => shortened(line, LINE_LIMIT));
  // To leave out a single line saves nothing.
  if (all.length <= lines + 1) return all.join('\n');
  const head = Math.ceil(lines / 2);
  const tail = lines - head;
  const missing = `… ${all.length - lines} more lines, shown by --full`;
  return [...all.slice(0, head), missing, ...all.slice(all.length - tail)].join('\n');
}
