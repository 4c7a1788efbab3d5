import { underRepositoryLock } from '../scope/under-repository-lock';
import type { Conflict } from '../../domain/model';
import { isDamage } from '../worktree/damage';
import { watchBase } from '../worktree/watch-base';
import { branchRef } from '../../git/refs/refs';
import {
  prepareStack,
  repairLanding,
  stackBase,
  type MemberResult,
  type Stack,
} from '../../git/landing/landing';
import type { StackOutcome } from '../scope/contract';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';
import { hold } from './hold';
import { landingMessages } from './landing-messages';
import type { Member } from './member';
import { recordConflict, recordLanded } from './records';

/**
 * Merges as many as can be; what does not merge, and what contains that, is left out, and recorded if that is for
 * good. Members that bring nothing have landed.
 */
export async function mergeStack(
  deps: ActivityDependencies,
  members: Member[],
  outcome: StackOutcome,
): Promise<{ merged: Member[]; stack: Stack }> {
  for (let open = members; ;) {
    const stack = await prepare(deps, open);
    const results = open.map((member, index) => ({ member, result: stack.members[index]! }));
    const out = await leaveOut(deps, results, outcome);
    const left = results.filter(({ member }) => !out.has(member.place.epic));
    open = left.map(({ member }) => member);
    if (out.size === results.filter(({ result }) => !isMerged(result)).length) {
      return { merged: open, stack: { ...stack, members: left.map(({ result }) => result) } };
    }
  }
}

const isMerged = ({ kind }: MemberResult) => kind === 'merged';

/** Returns what does not go on: by epic. */
async function leaveOut(
  deps: ActivityDependencies,
  results: { member: Member; result: MemberResult }[],
  outcome: StackOutcome,
): Promise<Set<number | null>> {
  const out = new Set<number | null>();
  const unmerged = new Set([...outcome.held.map(({ epic }) => epic), ...outcome.deferred]);
  for (const { member, result } of results) {
    const { place } = member;
    const { epic } = place;
    // Also of one that brings nothing: what contains it contains what is not merged, too.
    const waits = member.needs.some((other) => unmerged.has(other));
    if (waits) unmerged.add(epic);
    if (result.kind === 'nothing') {
      outcome.landed.push(await recordLanded(deps, place, result.landed, 'nothing'));
      out.add(epic);
    } else if (waits || result.kind === 'deferred') {
      outcome.deferred.push(epic);
      unmerged.add(epic);
      out.add(epic);
    } else if (result.kind === 'conflict') {
      await holdConflict(deps, place, outcome, result.conflict);
      unmerged.add(epic);
      out.add(epic);
    }
  }
  return out;
}

/** Where the merge cannot be left in the lane's worktree, that is what a person has to hear, and the others go on. */
async function holdConflict(
  deps: ActivityDependencies,
  place: Place,
  outcome: StackOutcome,
  conflict: Conflict,
): Promise<void> {
  try {
    outcome.held.push(await recordConflict(deps, place, conflict));
  } catch (error) {
    if (!isDamage(error)) throw error;
    await hold(deps, place, outcome, { outcome: 'blocked', reason: error.message });
  }
}

async function prepare(deps: ActivityDependencies, members: Member[]): Promise<Stack> {
  const [first] = members;
  if (!first) return { members: [], candidate: null };
  const { repository, project, options, epic } = first.place;
  const { baseBranch } = project;
  const onto = { baseBranch, strategy: epic === null ? ('regular' as const) : options.mergeStrategy };
  const base = await underRepositoryLock(deps.db, first.place, async (held) => {
    await repairLanding(held.repository, { baseBranch });
    await watchBase(deps, held);
    return stackBase(held.repository, onto);
  });
  const messages = await landingMessages(
    deps,
    members.map(({ place }) => place),
  );
  return prepareStack(repository, base, {
    ...onto,
    date: new Date().toISOString(),
    members: members.map(({ place }, index) => ({
      head: branchRef(place.branch),
      message: messages[index]!,
      // A pull request needs the merge: its second parent is what is pushed.
      linear: place.epic === null && !options.pullRequests,
    })),
  });
}
