import { join } from 'node:path';
import { exists } from './exists';

const OPERATIONS: Record<string, string> = {
  MERGE_HEAD: 'a merge',
  CHERRY_PICK_HEAD: 'a cherry-pick',
  REVERT_HEAD: 'a revert',
  'rebase-merge': 'a rebase',
  'rebase-apply': 'a rebase',
  sequencer: 'a cherry-pick or revert',
};

/** What a person (or agent) has begun in the checkout and not finished, such as `a merge`; null when nothing. */
export async function operationInProgress(gitDir: string): Promise<string | null> {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    if (await exists(join(gitDir, name))) return operation;
  }
  return null;
}
