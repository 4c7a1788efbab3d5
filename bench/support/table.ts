export type Row = Record<string, string | number>;

/** Three significant digits, and no more than two decimals. */
const shown = (value: string | number): string => {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
};

/** A table in Markdown, as docs/benchmarks.md has it. */
export function table(rows: Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => shown(row[column] ?? '')))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (words: string[]) =>
    `| ${words.map((word, at) => (numeric[at] ? word.padStart(widths[at]!) : word.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => `${'-'.repeat(width - 1)}${numeric[at] ? ':' : '-'}`).join(' | ')} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}
