import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const BIN = resolve(__dirname, '../../.cache/clis/node_modules/.bin');

/** The CLI that `npm run test:clis` installed; null when there is none. */
export const installedCli = (name: string): string | null =>
  existsSync(join(BIN, name)) ? join(BIN, name) : null;

/** Its tests are named for what is missing, so that the report of a run without them says it. */
export function describeWith(name: string, title: string, tests: () => void): void {
  if (installedCli(name)) describe(title, tests);
  else
    describe.skip(`${title} (skipped: ${name} is not installed here; \`npm run test:clis\` does it)`, tests);
}

export const pathWithClis = (): string => `${BIN}${delimiter}${process.env.PATH}`;
