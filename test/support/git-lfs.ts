import { execFileSync } from 'node:child_process';

const version = (() => {
  try {
    return execFileSync('git-lfs', ['version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
})();

/** A title that says why its tests are skipped; so does a line on standard error, which shows in every report. */
export function titleWithLfs(title: string): string {
  if (version) return title;
  const reason = 'skipped: git-lfs is not on PATH, install it to run them';
  process.stderr.write(`${title}: ${reason}\n`);
  return `${title} (${reason})`;
}

export const describeWithLfs = version ? describe : describe.skip;
