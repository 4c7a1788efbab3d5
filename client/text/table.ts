import stringWidth from 'string-width';

/** What brings a text to this many columns of a terminal. */
const gap = (text: string, width: number) => ' '.repeat(Math.max(width - stringWidth(text), 0));

/** As many columns as the widest of the texts takes. */
export const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);

export const padded = (text: string, width: number): string => text + gap(text, width);

/** Rows under their column names: the first column to the left, numbers to the right, the last one as it comes. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => widest(all.map((row) => row[column] ?? '')));
  const last = columns.length - 1;
  return all
    .map((row) =>
      columns
        .map((_, column) => {
          const cell = row[column] ?? '';
          if (column === last) return cell;
          return column === 0 ? padded(cell, widths[column]!) : gap(cell, widths[column]!) + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
