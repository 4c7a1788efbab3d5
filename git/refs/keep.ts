import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';

/** Keeps a commit reachable under a ref of ours. Idempotent. */
export async function keepCommit(repo: Repository, ref: string, commit: string): Promise<void> {
  await gitOf(repo).run(['update-ref', ref, commit]);
}
