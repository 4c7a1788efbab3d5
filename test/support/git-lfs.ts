import { execFileSync } from 'node:child_process';
import { titleOf } from './skipped';

const version = (() => {
  try {
    return execFileSync('git-lfs', ['version'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
})();

export const titleWithLfs = (title: string): string =>
  titleOf(title, version ? null : 'git-lfs is not on PATH, install it to run them');

export const describeWithLfs = version ? describe : describe.skip;
