import { needsPerson } from '../../agents/contract/agent-error';
import { patiently } from '../../agents/contract/patience';
import type { Queryable } from '../../db/connection/connection';
import { assertLease } from '../../db/worktree/leases';
import { endMergeAttempt, type MergeWork } from '../../db/landing/merge-attempts';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { getVerification } from '../../db/landing/verifications';
import { mergePrompt } from '../../domain/landing/merge-prompt';
import type { DroppedLines } from '../../domain/model';
import { systemPrompt } from '../../domain/task/prompt';
import { commitTask, worktreeTree } from '../../git/worktree/task-commit';
import { keepSubmoduleCommits } from '../../git/submodule/submodule-keep';
import { unlockWorktree } from '../../git/locks/unlock';
import { recordDone, runAgent } from '../task/agent-run';
import type { MendInput, TaskOutcome } from '../scope/contract';
import { isDamage } from '../worktree/damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { keepWork, undoTry } from '../worktree/keep-work';
import { makePlaceWhole } from '../worktree/make-whole';
import { record } from '../landing/records';
import { standUp } from '../worktree/stand-up';
import { branchRef } from '../../git/refs/refs';
import { requireOurs } from '../scope/claim';
import { withLease } from '../scope/lease';
import { openPlace } from '../scope/place';
import { reopenIfReset } from '../scope/reset-session';
import { lastFailureOf, ownRules } from '../task/prompt';
import { costOf, endEarly, recorded } from '../task/settle';
import { judgeMerge, type Fault } from './judge';
import { beginMerge, prepareMend } from './prepare';
import { diffOf, droppedOf } from './resolution';
import { mender, mergeTries, openMend, type MendScope } from './scope';

/** One try of an agent at what keeps an epic from being merged. Its word does not count: see `judgeMerge`. */
export async function mendEpic(deps: ActivityDependencies, mend: MendInput): Promise<TaskOutcome> {
  const place = await openPlace(deps.db, mend);
  await reopenIfReset(deps, place.session);
  const who = await mender(deps, place, mend);
  if (!who) return { kind: 'failed', reason: '', again: false };
  const { id: worktreeId } = place.worktree;
  return withLease(deps.db, { worktreeId, holder: mend.holder, claimed: place }, async (lease) => {
    const scope = await openMend(deps, { place, lease, mend }, who);
    const before = await recorded(deps, scope, scope.input);
    if (before) return before;
    try {
      return await tryOnce(deps, scope);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return settleFailed(deps, scope, { reason: `its worktree is damaged: ${error.message}` });
    }
  });
}

async function tryOnce(deps: ActivityDependencies, opened: MendScope): Promise<TaskOutcome> {
  const prepared = await prepareMend(deps, opened);
  const scope = 'base' in prepared ? standingOn(opened, prepared.base) : opened;
  if (scope.lease.signal.aborted) return endEarly(deps, scope);
  if (prepared.kind === 'settled') return leaveSettled(deps, scope);
  if (prepared.kind === 'begun') return leaveBegun(deps, scope);
  if (prepared.kind === 'setup-failed') return settleFailed(deps, scope, prepared);
  const { work } = prepared;
  if (!scope.attempt.agentEndedAt) {
    await announce(deps.db, scope, 'started', { work });
    const outcome = await runAgent(deps, scope, await promptFor(deps, scope, work)).catch(refusalOf);
    if (scope.lease.signal.aborted) return endEarly(deps, scope);
    if (outcome.kind === 'held') return outcome;
    if (outcome.kind === 'refused') return settleFailed(deps, scope, outcome, { again: false });
    if (outcome.kind === 'failed')
      return settleFailed(deps, scope, { reason: outcome.reason, outputTail: outcome.output });
    await recordDone(deps, scope, outcome.output);
  }
  const { repository, worktree, branch } = scope.place;
  await unlockWorktree(repository, { worktree: worktree.path, branch });
  await makePlaceWhole(deps.db, scope.place, scope.attempt.task);
  const tree = await worktreeTree(repository, worktree.path);
  const fault = await judgeMerge(deps, scope, { work, tree });
  return fault ? settleFailed(deps, scope, fault) : complete(deps, scope, { work, tree });
}

function refusalOf(error: unknown): { kind: 'refused'; reason: string } {
  if (!needsPerson(error)) throw error;
  return { kind: 'refused', reason: error.message };
}

const standingOn = (scope: MendScope, baseCommit: string): MendScope => ({
  ...scope,
  attempt: { ...scope.attempt, baseCommit },
});

async function promptFor(deps: ActivityDependencies, scope: MendScope, work: MergeWork) {
  const { place, mend, task, attempt } = scope;
  const { project, options, branch, worktree } = place;
  const red = mend.verification === undefined ? null : await getVerification(deps.db, mend.verification);
  const last = (await mergeTries(deps, task.id, mend))
    .filter(({ number, status }) => number < attempt.number && status === 'failed')
    .at(-1);
  return {
    system: systemPrompt({ project: project.name, rules: await ownRules(worktree.path) }),
    task: mergePrompt({
      branch,
      other: mend.task === undefined ? project.baseBranch : `what T${mend.task} depends on`,
      ours: work.ours,
      theirs: work.theirs,
      files: work.files,
      verify: options.verify ?? project.verify,
      output: red?.outputTail ?? null,
      lastFailure: lastFailureOf(last),
    }),
  };
}

async function complete(
  deps: ActivityDependencies,
  scope: MendScope,
  { work, tree }: { work: MergeWork; tree: string },
): Promise<TaskOutcome> {
  const { place, attempt, lease } = scope;
  const { repository, worktree, branch } = place;
  const { ours, theirs, onto, files } = work;
  await keepWork(place, { task: attempt.task, number: attempt.number, baseCommit: onto });
  await assertLease(deps.db, { worktreeId: worktree.id, token: lease.token });
  await requireOurs(place);
  const pin = `refs/yokeflow/resolutions/${attempt.id}`;
  const { commit } = await commitTask(repository, {
    worktree: worktree.path,
    branch,
    base: onto,
    ...(files.length ? { merged: theirs } : {}),
    tree,
    message: messageOf(scope, work),
    date: attempt.startedAt,
    pin,
  });
  await keepSubmoduleCommits(repository, { worktree: worktree.path, prefix: pin });
  const merge = { ours, theirs, result: tree };
  const diff = await diffOf(deps, repository, merge);
  const dropped = await droppedOf(deps, repository, merge);
  const end = { status: 'complete' as const, commit, tree, diff, dropped };
  // All or nothing: whoever takes up an attempt that has ended takes the rest for done.
  const store = () =>
    deps.db.transaction(async (tx) => {
      await endMergeAttempt(tx, { attemptId: attempt.id, token: lease.token }, end);
      await setWorktreeStatus(tx, { worktreeId: worktree.id, status: 'active' });
      await announce(tx, scope, 'done', { work, dropped });
    });
  await patiently(store, lease.signal);
  await lease.release();
  return { kind: 'done', ...(await costOf(deps, attempt)) };
}

function messageOf({ place, mend, attempt }: MendScope, { files }: MergeWork): string {
  const { branch, project, epic } = place;
  const other = mend.task === undefined ? project.baseBranch : `what T${mend.task} depends on`;
  const subject = files.length
    ? `Merge ${other} into ${branch}, conflicts resolved`
    : `Make ${branch} work with ${other}`;
  const list = files.map(({ path, kind }) => `- ${JSON.stringify(path)} (${kind})`).join('\n');
  const trailers = [
    `YokeFlow-Epic: ${epic}`,
    `YokeFlow-Session: ${mend.sessionId}`,
    `YokeFlow-Agent: ${attempt.agent}`,
    ...(attempt.model ? [`YokeFlow-Model: ${attempt.model}`] : []),
  ].join('\n');
  return `${[subject, list, trailers].filter(Boolean).join('\n\n')}\n`;
}

/** A person was faster: nothing is left for an agent, and the task or the landing is tried again. */
async function leaveSettled(
  { db }: ActivityDependencies,
  { place, attempt, lease }: MendScope,
): Promise<TaskOutcome> {
  const end = { status: 'failed' as const, reason: 'somebody had settled it before' };
  await endMergeAttempt(db, { attemptId: attempt.id, token: lease.token }, end);
  await setWorktreeStatus(db, { worktreeId: place.worktree.id, status: 'active' });
  await lease.release();
  return { kind: 'done' };
}

/** It is theirs to finish: no agent takes it from them while it waits for its turn. */
async function leaveBegun(
  { db }: ActivityDependencies,
  { place, attempt, lease }: MendScope,
): Promise<TaskOutcome> {
  const reason = `somebody has begun to resolve the merge in ${place.worktree.path}`;
  await endMergeAttempt(db, { attemptId: attempt.id, token: lease.token }, { status: 'failed', reason });
  await lease.release();
  return { kind: 'failed', reason, again: false };
}

/** What the try left is kept under its ref. After the last one, the conflict is there again, for a person. */
async function settleFailed(
  deps: ActivityDependencies,
  scope: MendScope,
  fault: Fault,
  { again = true } = {},
): Promise<TaskOutcome> {
  const { place, attempt, lease, mend } = scope;
  const reason = deps.redact(fault.reason);
  await patiently(() => undoTry(deps, { place, attempt, lease }), lease.signal);
  if (mend.lastTry || !again)
    await leaveForPerson(deps, scope).catch((error: unknown) => {
      // The reason tells it already.
      if (!isDamage(error)) throw error;
    });
  const outputTail = fault.outputTail ? { outputTail: deps.redact(fault.outputTail) } : {};
  const end = { status: 'failed' as const, reason, ...outputTail };
  const store = () =>
    deps.db.transaction(async (tx) => {
      await endMergeAttempt(tx, { attemptId: attempt.id, token: lease.token }, end);
      await announce(tx, scope, 'failed', { reason });
    });
  await patiently(store, lease.signal);
  await lease.release();
  return { kind: 'failed', reason, again, ...(await costOf(deps, attempt)) };
}

async function leaveForPerson(
  deps: ActivityDependencies,
  { place, mend, task, attempt, lease }: MendScope,
): Promise<void> {
  const { repository, worktree, branch } = place;
  // Its last agent may have deleted it.
  await standUp(deps.db, place, branchRef(branch));
  const conflict = await beginMerge(deps, { place, mend, task });
  // A merge without a conflict that is red: the branch stays as the epic left it.
  if (!('files' in conflict)) return undoTry(deps, { place, attempt, lease });
  const left = await worktreeTree(repository, worktree.path);
  const { ours, theirs } = conflict;
  // On record, `ours` is the side to land on.
  const sides = mend.task === undefined ? { ours: theirs, theirs: ours } : { ours, theirs };
  await setWorktreeStatus(deps.db, {
    worktreeId: worktree.id,
    status: 'conflict',
    conflict: { ...conflict, ...sides, left },
  });
}

async function announce(
  db: Queryable,
  { place, attempt, mend }: MendScope,
  state: 'started' | 'done' | 'failed',
  { work, dropped, reason }: { work?: MergeWork; dropped?: DroppedLines[]; reason?: string },
): Promise<void> {
  const { agent, model, id } = attempt;
  const data = {
    mend: state,
    agent,
    model,
    try: mend.try,
    ...(work ? { files: work.files } : {}),
    ...(dropped?.length ? { dropped } : {}),
    ...(reason ? { reason } : {}),
  };
  await record(db, place, { type: 'merge_started', data, key: `mend:${id}:${state}` });
}
