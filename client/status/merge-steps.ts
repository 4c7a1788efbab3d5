import { isFinished } from '../../domain/model';
import type { EpicSummary, SessionSummary } from '../../db/session/summary';
import type { Worktree } from '../../db/worktree/worktrees';
import { isBehindAnother } from '../../domain/scheduler';
import { commandOf } from '../../domain/session/shell-command';
import { fileNames } from '../../domain/file-names';
import type { Hint } from '../text/hint';
import { conflictAdvice } from './conflict-advice';
import type { MergeState, World } from './merge-states';
import type { NextStep } from './next-step';
import { title } from '../text/plan-names';
import { runLine } from './run-line';
import { droppedText } from '../text/dropped-lines';
import { lastLines } from '../text/last-lines';
import { firstLine } from '../text/units';

const MOST_LINES = 12;

type Merge = Pick<Worktree, 'status' | 'path' | 'conflict' | 'blockedReason' | 'failedOutput'>;

/** What to do about an epic that does not land; the last command tries it again. */
export function mergeSteps(
  { number, name, worktree, tasks }: EpicSummary,
  { session, open, world }: Pick<SessionSummary, 'session'> & { open: boolean; world: World },
  hint: Hint,
): NextStep[] {
  if (!worktree) return [];
  const to = ['--project', session.project];
  const step = (again: string) =>
    stepsOf(`Epic ${number} ${title(name)}`, worktree, { world, epic: number, again });
  const undone = tasks.filter(({ status }) => !isFinished(status));
  if (undone.length === 0) return step(hint('merge', number, ...to));
  // Nothing is merged before its tasks are done. What kept it from that earlier says nothing by then; a conflict stays.
  if (worktree.status !== 'conflict') return [];
  if (!open) return step(runLine(session, hint));
  const failed = undone.find(({ status }) => status === 'failed');
  return failed ? step(hint('retry', failed.number, ...to)) : [];
}

/** What an agent left out is for a person to judge, also when it has landed. */
export function droppedSteps(
  { number, name, dropped }: EpicSummary,
  { project }: SessionSummary['session'],
  hint: Hint,
): NextStep[] {
  if (!dropped?.length) return [];
  const problem = `Epic ${number} ${title(name)}: an agent settled its merge without ${droppedText(dropped)}, which git had merged`;
  return [{ problem, commands: [hint('resolution', number, '--project', project)] }];
}

export function sequentialSteps(
  { sequentialWorktree, session }: SessionSummary,
  { open, world }: { open: boolean; world: World },
  hint: Hint,
): NextStep[] {
  if (!sequentialWorktree) return [];
  // To run it again would only follow it.
  const again = open ? hint('merge', 'sequential', '--project', session.project) : runLine(session, hint);
  return stepsOf('The sequential worktree', sequentialWorktree, { world, epic: null, again });
}

function stepsOf(
  what: string,
  worktree: Merge,
  { world, epic, again }: { world: World; epic: number | null; again: string },
): NextStep[] {
  const state = world.states.get(epic) ?? null;
  const problem = problemOf(what, worktree, state);
  if (!problem) return [];
  // What the merged tree printed that did not pass.
  const output = lastLines(worktree.failedOutput ?? '', MOST_LINES);
  const onto = epic === null ? null : world.onto;
  // What has to land before it has a step of its own, and this one follows.
  const behind = worktree.status === 'blocked' && isBehindAnother(worktree.blockedReason ?? '');
  const commands = behind ? [] : [...resolution(worktree, state, onto), again];
  return [{ problem, ...(output.length ? { output } : {}), commands }];
}

function problemOf(
  what: string,
  { status, conflict, blockedReason }: Merge,
  state: MergeState | null,
): string | null {
  if (status === 'blocked') return `${what} waits to be merged: ${firstLine(blockedReason ?? '', 400)}`;
  if (status !== 'conflict') return null;
  const files = conflict?.files.map(({ path, kind }) => `${fileNames([path])} (${kind})`).join(', ');
  const had = `merge conflict in ${files || 'unknown files'}`;
  if (!state || state.merging || state.gone) return `${what} has a ${had}`;
  if (state.marked.length)
    return `${what} had a ${had}; committed with conflict markers in ${fileNames(state.marked)}`;
  return state.dirty
    ? `${what} had a ${had}; not all is committed`
    : `${what} had a ${had}; nothing is left to commit there`;
}

/** `state` null: nobody could look at the worktree, and this is how it was left. */
function resolution(
  { status, path, conflict, failedOutput }: Merge,
  state: MergeState | null,
  onto: string | null,
): string[] {
  if (state?.gone) return [];
  const cd = commandOf(['cd', path]);
  const commit = 'git add --all && git commit';
  if (state?.merging || (!state && status === 'conflict')) {
    const resolved = state && state.unmerged.length === 0 && state.marked.length === 0;
    if (resolved) return [cd, 'git status    # all resolved: look, then', `${commit} --no-edit`];
    const advice = conflictAdvice(state?.open ?? [], conflict);
    const edit = !state || advice.edit || state.marked.length ? ['git status    # edit the files, then'] : [];
    return [cd, ...edit, ...advice.commands, `${commit} --no-edit`];
  }
  if (state?.marked.length)
    return [cd, 'git status    # edit these files, then', `${commit} -m "Resolve conflicts"`];
  if (state?.dirty)
    return [cd, 'git status    # keep what is there, or undo it', `${commit} -m "Keep changes"`];
  if (status === 'conflict' || failedOutput === null) return [];
  // One line of history: what others did comes in by itself.
  if (onto === null) return [`${cd}    # make it pass, commit it, then`];
  // Its verification was red together with what has landed: only the two together show why.
  return [cd, `git merge --no-edit ${onto}    # make it pass, then`, `${commit} -m "Make it pass"`];
}
