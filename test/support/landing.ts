import type { StackMember, StackRequest } from '../../git/landing/candidate';
import { prepareStack, stackBase } from '../../git/landing/landing';
import type { Repository } from '../../git/repository/repository';

/** Merges an epic with the base branch, off to the side: a stack of one. */
export async function prepareLanding(
  repo: Repository,
  { head, message, ...request }: Omit<StackRequest, 'members'> & StackMember,
) {
  const base = await stackBase(repo, request);
  const { members, candidate } = await prepareStack(repo, base, { ...request, members: [{ head, message }] });
  if (candidate) return candidate;
  const [result] = members;
  if (result?.kind === 'nothing' || result?.kind === 'conflict') return result;
  throw new Error('a stack of one either merges, conflicts, or brings nothing');
}
