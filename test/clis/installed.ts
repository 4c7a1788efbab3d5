import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { titleOf } from '../support/skipped';

const BIN = resolve(__dirname, '../../.cache/clis/node_modules/.bin');

/** The CLI that `npm run test:clis` installed; null when there is none. */
export const installedCli = (name: string): string | null =>
  existsSync(join(BIN, name)) ? join(BIN, name) : null;

export const titleWith = (name: string, title: string): string =>
  titleOf(
    title,
    installedCli(name) ? null : `${name} is not installed in .cache/clis, \`npm run test:clis\` does it`,
  );

export const pathWithClis = (): string => `${BIN}${delimiter}${process.env.PATH}`;
