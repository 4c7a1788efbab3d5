import { setTimeout as sleep } from 'node:timers/promises';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { fileNames } from '../../domain/file-names';
import { MAX_MOVES } from '../../domain/session/activity-limits';
import { land, landedTips, type Blocked, type Stack } from '../../git/landing/landing';
import { requireCommit } from '../../git/content/commits';
import { changedFiles } from '../../git/content/diff';
import { overlapping } from '../../git/landing/obstructions';
import { rememberBase } from '../../git/landing/rewritten';
import { activityName } from '../scope/activity-scope';
import type { HeldEpic, LandStackInput, StackOutcome } from '../scope/contract';
import { isDamage } from '../worktree/damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { openPlace, type Place } from '../scope/place';
import { reopenIfReset } from '../scope/reset-session';
import { restoreBranch } from '../worktree/restore-branch';
import { hold } from './hold';
import { epicsOf, withMembers, type Member } from './member';
import { mergeStack } from './merge-stack';
import { movingBase } from './moving-base';
import { obstacleInWorktree, obstacleOnBranch } from '../worktree/obstacle';
import { noteSubmodules } from './submodules-note';
import { propose } from './propose';
import { record, recordLanded, recordLost, recordProposed } from './records';
import { undoAbandoned } from '../worktree/undo-abandoned';
import { verifyCandidate } from './verify-candidate';
import { underRepositoryLock } from '../scope/under-repository-lock';

/** How long another git command in the checkout is waited for. */
const BUSY_TRIES = 10;
const BUSY_MS = 500;

/**
 * Merges lanes one on top of the other, verifies what comes of it, and advances the base branch to exactly that, or
 * not at all; or opens a pull request for it. Conflicts, a checkout in the way and red tests are outcomes, not errors.
 */
export async function landStack(deps: ActivityDependencies, input: LandStackInput): Promise<StackOutcome> {
  const lanes = [];
  for (const { epic, needs } of input.stack) {
    lanes.push({ place: await openPlace(deps.db, { sessionId: input.sessionId, epic }), needs });
  }
  await reopenIfReset(deps, lanes[0]!.place.session);
  return withMembers(deps.db, lanes, (members) => run(deps, members));
}

async function run(deps: ActivityDependencies, members: Member[]): Promise<StackOutcome> {
  const outcome: StackOutcome = { landed: [], held: [], deferred: [], red: null };
  let open = await readyMembers(deps, members, outcome);
  await announce(deps, open);
  for (let moves = 0; open.length;) {
    const { merged, stack } = await mergeStack(deps, open, outcome);
    open = merged;
    if (!stack.candidate) return outcome;
    const started = Date.now();
    outcome.red = await verifyCandidate(deps, open, stack.candidate);
    if (outcome.red) return outcome;
    if (open[0]!.place.options.pullRequests) return proposeAll(deps, { open, stack }, outcome);
    const obstacle = await advance(deps, { open, stack }, outcome);
    if (obstacle === 'none') return outcome;
    if (obstacle.kind === 'blocked') open = await holdBlocked(deps, { open, stack, obstacle }, outcome);
    else {
      const reason = await movingBase(deps, open, { moves: ++moves, tookMs: Date.now() - started });
      if (moves >= MAX_MOVES) return holdAll(deps, open, outcome, { outcome: 'blocked', reason });
    }
  }
  return outcome;
}

async function holdAll(
  deps: ActivityDependencies,
  members: Member[],
  outcome: StackOutcome,
  held: Omit<HeldEpic, 'epic'>,
): Promise<StackOutcome> {
  for (const { place } of members) await hold(deps, place, outcome, held);
  return outcome;
}

/** Instead of advancing the base branch: what was verified is merged by somebody else. */
async function proposeAll(
  deps: ActivityDependencies,
  { open, stack }: { open: Member[]; stack: Stack },
  outcome: StackOutcome,
): Promise<StackOutcome> {
  for (const [index, member] of open.entries()) {
    const { place } = member;
    const result = stack.members[index]!;
    if (result.kind !== 'merged') continue;
    const head = await requireCommit(place.repository, `${result.commit}^2`);
    const proposal = await propose(deps, member, { head, base: result.from });
    if (proposal.kind === 'proposed')
      outcome.landed.push(await recordProposed(deps, place, proposal.pullRequest));
    else if (proposal.kind === 'landed')
      outcome.landed.push(await recordLanded(deps, place, proposal.by, 'landed'));
    else await hold(deps, place, outcome, { outcome: 'blocked', reason: proposal.reason });
  }
  return outcome;
}

/** A person's own git command, a commit for example, is over in a moment: it is waited for. */
async function advance(
  deps: ActivityDependencies,
  { open, stack }: { open: Member[]; stack: Stack },
  outcome: StackOutcome,
): Promise<'none' | { kind: 'moved' } | Blocked> {
  const { place, lease } = open[0]!;
  const { baseBranch } = place.project;
  for (let patience = BUSY_TRIES; ; patience--) {
    const result = await underRepositoryLock(deps.db, place, async ({ repository }) => {
      const landed = await land(repository, { baseBranch, candidate: stack.candidate! });
      if (landed.kind !== 'landed') return landed;
      await rememberBase(repository, baseBranch, landed.commit);
      await recordAll(deps, open, stack, outcome);
      if (landed.behind) await noteSubmodules(deps, place, landed.behind);
      return 'none';
    });
    const busy = result !== 'none' && result.kind === 'blocked' && result.busy;
    if (!busy || patience === 0) return result;
    await sleep(BUSY_MS, undefined, { signal: lease.signal });
  }
}

/** Those whose own worktree does not stand in the way. */
async function readyMembers(
  deps: ActivityDependencies,
  members: Member[],
  outcome: StackOutcome,
): Promise<Member[]> {
  const ready: Member[] = [];
  const { repository, project } = members[0]!.place;
  const landed = await landedTips(repository, project);
  for (const member of members) {
    const { place, lease } = member;
    try {
      await undoAbandoned(deps, place, { lease });
      const inWorktree = await obstacleInWorktree(place);
      const conflict = inWorktree ? null : await restoreBranch(deps, place);
      const obstacle = inWorktree ?? (conflict ? null : await obstacleOnBranch(place, landed));
      if (conflict) outcome.held.push(await recordLost(deps, place, conflict));
      else if (obstacle) await hold(deps, place, outcome, obstacle);
      else ready.push({ ...member, place: await reactivated(deps, place) });
    } catch (error) {
      if (!isDamage(error)) throw error;
      await hold(deps, place, outcome, { outcome: 'blocked', reason: error.message });
    }
  }
  return ready;
}

/** What kept it from landing before does so no more, as far as anybody knows. */
async function reactivated({ db }: ActivityDependencies, place: Place): Promise<Place> {
  const { worktree } = place;
  if (worktree.status === 'active') return place;
  await setWorktreeStatus(db, { worktreeId: worktree.id, status: 'active' });
  return { ...place, worktree: { ...worktree, status: 'active', conflict: null, blockedReason: null } };
}

async function announce({ db }: ActivityDependencies, members: Member[]): Promise<void> {
  const [first, ...others] = members;
  if (!first) return;
  const epics = epicsOf(members);
  const { session, epic, options } = first.place;
  await record(
    db,
    { session, epic: others.length ? null : epic },
    {
      type: 'merge_started',
      data: { epics, ...(options.pullRequests ? { propose: true } : {}) },
      key: `landing:${activityName()}`,
    },
  );
}

async function recordAll(
  deps: ActivityDependencies,
  members: Member[],
  stack: Stack,
  outcome: StackOutcome,
): Promise<void> {
  for (const [index, { place }] of members.entries()) {
    const result = stack.members[index]!;
    if (result.kind === 'merged')
      outcome.landed.push(await recordLanded(deps, place, result.commit, 'landed'));
  }
}

/** Holds the members that change what stands in the way, all of them if nobody can tell; the others go on. */
async function holdBlocked(
  deps: ActivityDependencies,
  { open, stack, obstacle }: { open: Member[]; stack: Stack; obstacle: Blocked },
  outcome: StackOutcome,
): Promise<Member[]> {
  const touched = await Promise.all(
    stack.members.map(async (result) => {
      if (result.kind !== 'merged' || result.from === result.commit) return [];
      const changed = await changedFiles(open[0]!.place.repository, result.from, result.commit);
      return overlapping(obstacle.files, changed);
    }),
  );
  const known = touched.some((files) => files.length > 0);
  const left: Member[] = [];
  for (const [index, member] of open.entries()) {
    const files = known ? touched[index]! : obstacle.files;
    if (known && files.length === 0) left.push(member);
    else {
      const named = files.length ? `: ${fileNames(files)}` : '';
      await hold(deps, member.place, outcome, { outcome: 'blocked', reason: `${obstacle.reason}${named}` });
    }
  }
  return left;
}
