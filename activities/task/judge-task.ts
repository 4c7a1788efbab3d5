import { patiently } from '../../agents/contract/patience';
import { outputWithFile } from '../../agents/process/long-output';
import { completeTask as recordComplete } from '../../db/task/attempt-end';
import type { Attempt } from '../../db/task/attempts';
import { noteFor } from '../../db/session/session-notes';
import { recordVerified } from '../../db/task/attempt-progress';
import { assertLease } from '../../db/worktree/leases';
import type { StoredTask } from '../../db/task/stored-task';
import { provenanceTrailers } from '../../domain/task/provenance';
import { fileNames } from '../../domain/file-names';
import { commitOf, treeOf } from '../../git/content/commits';
import { stashedSince } from '../../git/content/stash';
import { branchRef } from '../../git/refs/refs';
import { landFastForward } from '../../git/landing/landing';
import { pinRef } from '../../git/refs/pins';
import { keepSubmoduleCommits } from '../../git/submodule/submodule-keep';
import { commitTask, foldedMessages } from '../../git/worktree/task-commit';
import { unfinishedIn, type Unfinished } from '../../git/worktree/unfinished';
import { unlockWorktree } from '../../git/locks/unlock';
import { filesOf, stageFiles, type Files } from '../../git/worktree/worktree-index';
import { showProgress } from '../scope/activity-scope';
import { requireOurs } from '../scope/claim';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import { isDamage } from '../worktree/damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { keepWork } from '../worktree/keep-work';
import { makePlaceWhole } from '../worktree/make-whole';
import { noteMoved, undoneByMoving } from '../worktree/moved-branch';
import type { Lease } from '../scope/lease';
import { outputKeeper } from './output-files';
import type { Place } from '../scope/place';
import { provenanceOf } from './provenance';
import { runVerify } from './run-verify';
import { costOf, endEarly, settleFailed } from './settle';
import { insideText, unfitTree } from './unfit-tree';
import { underRepositoryLock } from '../scope/under-repository-lock';

export interface JudgedTry {
  place: Place;
  input: TaskInput;
  task: StoredTask;
  attempt: Attempt & { baseCommit: string };
  lease: Lease;
}

/** What the task has to pass; null when that is nothing. */
export const verifyCommandOf = ({ place, task }: Pick<JudgedTry, 'place' | 'task'>): string | null =>
  (task.verify ?? place.options.verify ?? place.project.verify) || null;

/** Judges what the agent left: "done" is never its own word. Then one commit, pinned, and the record of it. */
export async function judgeTask(deps: ActivityDependencies, scope: JudgedTry): Promise<TaskOutcome> {
  try {
    return await judge(deps, scope);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return settleFailed(deps, scope, {
      reason: `its worktree is damaged: ${damageText(scope, error)}`,
      again: true,
    });
  }
}

/** It stood when the agent began: nothing that a person runs would help, since the next try gets a new one. */
const damageText = ({ place }: JudgedTry, error: Error): string =>
  error.name === 'NotAWorktree'
    ? `${place.worktree.path} was deleted or replaced while the task ran: its commands must leave that folder in place`
    : error.message;

async function judge(deps: ActivityDependencies, scope: JudgedTry): Promise<TaskOutcome> {
  const { place, attempt, lease } = scope;
  // Its processes have ended: a lock that is left is that of a git which was ended with them.
  await unlockWorktree(place.repository, { worktree: place.worktree.path, branch: place.branch });
  await makePlaceWhole(deps.db, place, scope.input.task);
  // Not once its tree is on record: a commit that was interrupted begins with the tree.
  const unfinished = attempt.tree ? null : await unfinishedIn(place.repository, place.worktree.path);
  if (unfinished) return settleFailed(deps, scope, { reason: unfinishedText(unfinished), again: true });
  const files = attempt.tree
    ? { tree: attempt.tree, clean: false }
    : await (verifyCommandOf(scope) ? filesOf : stageFiles)(place.repository, place.worktree.path);
  const { tree } = files;
  const { baseCommit: base } = attempt;
  const unfit = await unfitTree(place, { parents: [base], tree });
  if (unfit) return settleFailed(deps, scope, { reason: unfit, again: true });
  const undone = attempt.tree ? [] : await undoneByMoving(place, { base, tree });
  if (undone.length > 0) return settleFailed(deps, scope, { reason: undoneText(undone), again: true });
  const stashed = await stashedBy(scope);
  if (stashed && tree === (await treeOf(place.repository, base)))
    return settleFailed(deps, scope, { reason: stashedText(stashed), again: true });
  const red = attempt.verifiedAt ? null : await verify(deps, scope);
  if (red) return settleFailed(deps, scope, { ...red, again: true });
  const verified = { attemptId: attempt.id, token: lease.token, tree };
  await patiently(() => recordVerified(deps.db, verified), lease.signal);
  if (stashed) await noteStash(deps, scope, stashed);
  await commit(deps, scope, files);
  return { kind: 'done', complete: true, ...(await costOf(deps, attempt)) };
}

const undoneText = (files: string[]): string =>
  `its branch was moved (git reset) to behind where the task began, which undoes what others did in ${fileNames(files, 5)}: ` +
  'leave the commits before yours in place; git revert undoes one';

/** The last thing that a try stashed away and did not bring back. */
async function stashedBy({ place, attempt }: JudgedTry): Promise<string | undefined> {
  const { repository, branch } = place;
  return (await stashedSince(repository, { branch, since: Date.parse(attempt.startedAt) })).at(-1);
}

const stashedText = (stash: string): string =>
  `all that it did is stashed away (git stash), and would be in no commit: git stash apply ${stash.slice(0, 10)} brings it back`;

async function noteStash({ db }: ActivityDependencies, scope: JudgedTry, stash: string): Promise<void> {
  const { task } = scope.input;
  const note = `T${task} stashed something away, which is not in its commit: git stash show -p ${stash.slice(0, 10)}`;
  await noteFor(db, { sessionId: scope.place.session.id, task, note });
}

function unfinishedText({ operation, unmerged, inside }: Unfinished): string {
  const conflicts = unmerged.length > 0 && `conflicts in ${fileNames(unmerged, 5)} are not resolved`;
  const left = operation && `${operation} was begun and not finished`;
  if (!left && !conflicts) return insideText(inside);
  return `${[left, conflicts].filter(Boolean).join(', and ')}: resolve, git add and finish it, or abort it, before the end`;
}

/** Null when there is nothing to verify, or it passed. */
async function verify(deps: ActivityDependencies, scope: JudgedTry) {
  const { place, input, attempt, lease } = scope;
  const script = verifyCommandOf(scope);
  if (!script) return null;
  showProgress({ task: input.task, last: 'verifying' });
  const { reason, result } = await runVerify(deps, {
    place,
    lease,
    task: input.task,
    script,
    onLine: (line) =>
      showProgress({ task: input.task, last: `verifying: ${deps.redact(line).slice(0, 200)}` }),
  });
  if (lease.signal.aborted) return endEarly(deps, { place, attempt, lease });
  if (!reason) return null;
  return { reason, outputTail: await outputWithFile(result, outputKeeper(deps, attempt)) };
}

async function commit(deps: ActivityDependencies, scope: JudgedTry, { tree, clean }: Files): Promise<void> {
  const { place, input, attempt, lease } = scope;
  const { repository, worktree, branch } = place;
  const head = await commitOf(repository, branchRef(branch));
  const own =
    head && head !== attempt.baseCommit ? await foldedMessages(repository, attempt.baseCommit, head) : [];
  const trailers = provenanceTrailers(await provenanceOf(deps, attempt));
  // Where a run of this activity was killed after it, the commit itself is there; whatever else is there is folded into it.
  if (head && head !== attempt.baseCommit && !own.at(-1)?.endsWith(trailers)) await keepWork(place, attempt);
  await assertLease(deps.db, { worktreeId: worktree.id, token: lease.token });
  await requireOurs(place);
  await noteMoved(deps, place, { task: input.task, base: attempt.baseCommit });
  const done = await commitTask(repository, {
    worktree: worktree.path,
    branch,
    base: attempt.baseCommit,
    tree,
    clean: clean && !verifyCommandOf(scope),
    message: commitMessage(scope, own, trailers),
    date: attempt.agentEndedAt ?? attempt.startedAt,
    pin: pinRef(input.task),
  });
  await keepSubmoduleCommits(repository, { worktree: worktree.path, prefix: pinRef(input.task) });
  await recordComplete(deps.db, {
    attemptId: attempt.id,
    token: lease.token,
    commit: done.commit,
    baseCommit: attempt.baseCommit,
    empty: done.empty,
    tree,
  });
  if (place.epic === null) await landInSequence(deps, place, done.commit);
  await lease.release();
}

/** The branch may hold the task's commit already, from a run of this activity that was killed after it. */
function commitMessage(scope: JudgedTry, own: string[], trailers: string): string {
  const before = own.find((message) => message.endsWith(trailers));
  if (before) return `${before}\n`;
  const [subject = '', ...rest] = scope.task.description.split('\n');
  const body = [rest.join('\n').trim(), ...own].filter(Boolean);
  return `${[subject, ...body, trailers].join('\n\n')}\n`;
}

/** Sequential sessions land after every task. What stands in the way now is found again at the session's end. */
async function landInSequence(deps: ActivityDependencies, place: Place, commit: string): Promise<void> {
  await underRepositoryLock(deps.db, place, ({ repository, project }) =>
    landFastForward(repository, { baseBranch: project.baseBranch, commit }),
  );
}
