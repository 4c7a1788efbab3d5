/** Rows under their column names: the first column to the left, numbers to the right, the last one as it comes. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const last = columns.length - 1;
  return all
    .map((row) =>
      columns
        .map((_, column) => {
          const cell = row[column] ?? '';
          if (column === last) return cell;
          return column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
