import { patiently } from '../../agents/contract/patience';
import { outputWithFile } from '../../agents/process/long-output';
import { completeTask as recordComplete } from '../../db/task/attempt-end';
import type { Attempt } from '../../db/task/attempts';
import { recordVerified } from '../../db/task/attempt-progress';
import { assertLease } from '../../db/worktree/leases';
import type { StoredTask } from '../../db/task/stored-task';
import { provenanceTrailers } from '../../domain/task/provenance';
import { fileNames } from '../../domain/file-names';
import { commitOf } from '../../git/content/commits';
import { branchRef } from '../../git/refs/refs';
import { landFastForward } from '../../git/landing/landing';
import { pinRef } from '../../git/refs/pins';
import { keepSubmoduleCommits } from '../../git/submodule/submodule-keep';
import { commitTask, foldedMessages } from '../../git/worktree/task-commit';
import { unfinishedIn, type Unfinished } from '../../git/worktree/unfinished';
import { makeWhole } from '../../git/worktree/whole';
import { unlockWorktree } from '../../git/locks/unlock';
import { unfilteredFiles, type Unfiltered } from '../../git/content/required-filters';
import { includedInTree } from '../../git/worktree/worktree-include';
import { filesOf, stageFiles, type Files } from '../../git/worktree/worktree-index';
import { showProgress } from '../scope/activity-scope';
import { requireOurs } from '../scope/claim';
import type { TaskInput, TaskOutcome } from '../scope/contract';
import { isDamage } from '../worktree/damage';
import type { ActivityDependencies } from '../scope/dependencies';
import { keepWork } from '../worktree/keep-work';
import { noteMoved, undoneByMoving } from '../worktree/moved-branch';
import type { Lease } from '../scope/lease';
import { outputKeeper } from './output-files';
import type { Place } from '../scope/place';
import { provenanceOf } from './provenance';
import { runVerify } from './run-verify';
import { costOf, endEarly, settleFailed } from './settle';
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
  await makeWhole(place.repository, place.worktree.path);
  // Not once its tree is on record: a commit that was interrupted begins with the tree.
  const unfinished = attempt.tree ? null : await unfinishedIn(place.repository, place.worktree.path);
  if (unfinished) return settleFailed(deps, scope, { reason: unfinishedText(unfinished), again: true });
  const files = attempt.tree
    ? { tree: attempt.tree, clean: false }
    : await (verifyCommandOf(scope) ? filesOf : stageFiles)(place.repository, place.worktree.path);
  const { tree } = files;
  const brought = await includedInTree(place.repository, { worktree: place.worktree.path, tree });
  if (brought.length > 0) return settleFailed(deps, scope, { reason: leakText(brought), again: true });
  const { baseCommit: base } = attempt;
  const raw = await unfilteredFiles(place.repository, { worktree: place.worktree.path, base, tree });
  if (raw.length > 0) return settleFailed(deps, scope, { reason: unfilteredText(raw), again: true });
  const undone = attempt.tree ? [] : await undoneByMoving(place, { base, tree });
  if (undone.length > 0) return settleFailed(deps, scope, { reason: undoneText(undone), again: true });
  const red = attempt.verifiedAt ? null : await verify(deps, scope);
  if (red) return settleFailed(deps, scope, { ...red, again: true });
  const verified = { attemptId: attempt.id, token: lease.token, tree };
  await patiently(() => recordVerified(deps.db, verified), lease.signal);
  await commit(deps, scope, files);
  return { kind: 'done', complete: true, ...(await costOf(deps, attempt)) };
}

const leakText = (files: string[]): string =>
  `${fileNames(files, 5)} would become part of the commit, but came from your checkout by .worktreeinclude: ` +
  'it must stay ignored by git';

const unfilteredText = (files: Unfiltered[]): string =>
  `${fileNames(
    files.map(({ path }) => path),
    5,
  )} would become part of the commit as it is, without the filter ${files[0]!.filter} that git requires there ` +
  'and that does not run in worktrees: leave such files alone, or exclude them from it in .gitattributes';

const undoneText = (files: string[]): string =>
  `its branch was moved (git reset) to behind where the task began, which undoes what others did in ${fileNames(files, 5)}: ` +
  'leave the commits before yours in place; git revert undoes one';

function unfinishedText({ operation, unmerged, inside }: Unfinished): string {
  const conflicts = unmerged.length > 0 && `conflicts in ${fileNames(unmerged, 5)} are not resolved`;
  const left = operation && `${operation} was begun and not finished`;
  if (!left && !conflicts)
    return `${fileNames(inside, 5)} in a submodule would be lost: commit in the submodule what is to stay, and remove the rest`;
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
  await keepCommits(scope, head);
  await assertLease(deps.db, { worktreeId: worktree.id, token: lease.token });
  await requireOurs(place);
  await noteMoved(deps, place, { task: input.task, base: attempt.baseCommit });
  const done = await commitTask(repository, {
    worktree: worktree.path,
    branch,
    base: attempt.baseCommit,
    tree,
    clean: clean && !verifyCommandOf(scope),
    message: await commitMessage(deps, scope, own),
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

/** The commits that the agent made itself are folded into the task's one; they stay reachable by its wip ref. */
async function keepCommits(scope: JudgedTry, head: string | null): Promise<void> {
  const { place, attempt } = scope;
  if (head && head !== attempt.baseCommit && !attempt.verifiedAt) await keepWork(place, attempt);
}

/** The branch may hold the task's commit already, from a run of this activity that was killed after it. */
async function commitMessage(deps: ActivityDependencies, scope: JudgedTry, own: string[]): Promise<string> {
  const trailers = provenanceTrailers(await provenanceOf(deps, scope.attempt));
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
