import type { Repository } from '../repository/repository';
import { checkOutSubmodules } from '../submodule/submodule-checkout';
import { includeFiles } from './worktree-include';

/**
 * Makes a new worktree what the user's own checkout is: with its submodules, and with the files that
 * `.worktreeinclude` names. Idempotent.
 * @returns what a person should know, a line each
 */
export async function provision(repo: Repository, worktree: string): Promise<string[]> {
  const problems = await checkOutSubmodules(repo, worktree);
  await includeFiles(repo, worktree);
  return problems;
}
