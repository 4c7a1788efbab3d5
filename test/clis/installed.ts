import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const BIN = resolve(__dirname, '../../.cache/clis/node_modules/.bin');

/** The CLI that `npm run test:clis` installed; null when there is none. */
export const installedCli = (name: string): string | null =>
  existsSync(join(BIN, name)) ? join(BIN, name) : null;

/** A title that says why its tests are skipped; so does a line on standard error, which shows in every report. */
export function titleWith(name: string, title: string): string {
  if (installedCli(name)) return title;
  const reason = `skipped: ${name} is not installed in .cache/clis, \`npm run test:clis\` does it`;
  process.stderr.write(`${title}: ${reason}\n`);
  return `${title} (${reason})`;
}

export const pathWithClis = (): string => `${BIN}${delimiter}${process.env.PATH}`;
