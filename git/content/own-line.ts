import { isAncestor } from './commits';
import type { Repository } from '../repository/repository';

/**
 * How many commits of a line, newest first, `base` does not contain. `git log base..head` goes by dates, and lists contained
 * ones after these where clocks differed. One more git process where it did not.
 * @param line full ids, each an ancestor of the one before it
 */
export async function countOwn(repo: Repository, line: string[], base: string): Promise<number> {
  let [own, listed] = [0, line.length];
  let look = listed - 1;
  while (own < listed) {
    if (await isAncestor(repo, line[look]!, base)) listed = look;
    else own = look + 1;
    look = Math.floor((own + listed) / 2);
  }
  return own;
}
