import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** YokeFlow's own version: its package file is beside `client/` in the sources, beside `dist/` when built. */
export function packageVersion(): string {
  const candidates = ['../../package.json', '../../../package.json'].map((up) => path.join(__dirname, up));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (!file) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
