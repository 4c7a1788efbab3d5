import { ask } from '../process/answering';
import type { Repository } from '../repository/repository';

const ARGS = ['cat-file', '--batch-check=%(objectname)'];

/**
 * The id of the object that an expression such as `refs/heads/main^{commit}` or `<id>^{tree}` names now, or null when
 * there is none. Refs are read anew each time.
 */
export async function resolveName(repo: Repository, name: string): Promise<string | null> {
  if (/\s/.test(name)) return null;
  const [answer = ''] = await ask(repo, ARGS, `${name}\n`, 1);
  return /^[0-9a-f]{40,64}$/.test(answer) ? answer : null;
}
