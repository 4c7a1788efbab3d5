import { isFinished } from '../../domain/model';
import type { SessionSummary } from '../../db/session/summary';
import { pullRequestsText } from '../../domain/landing/pull-request';
import type { EpicResult } from '../../domain/session/session-result';
import { plural } from '../../domain/plural';
import type { Hint } from '../text/hint';
import { UNSEEN, type World } from './merge-states';
import { droppedSteps, mergeSteps, sequentialSteps } from './merge-steps';
import type { NextStep } from './next-step';
import { pauseStep } from './pause-step';
import { title } from '../text/plan-names';
import { runLine } from './run-line';
import { taskSteps } from './task-steps';
import { firstLine } from '../text/units';

const OPEN = ['running', 'paused'];

/** What to do about whatever did not land; empty when all did. */
export function nextSteps(
  summary: SessionSummary,
  hint: Hint,
  { lost = [], world = UNSEEN }: { lost?: readonly EpicResult[]; world?: World } = {},
): NextStep[] {
  const { session, tasks } = summary;
  const open = OPEN.includes(session.status);
  const epics = summary.epics.filter(({ number }) => !open || inSession(session, number));
  const steps = epics.flatMap((epic) => mergeSteps(epic, { session, open, world }, hint));
  steps.push(...summary.epics.flatMap((epic) => droppedSteps(epic, session, hint)));
  if (open && world.moving) steps.push({ problem: firstLine(world.moving, 400), commands: [] });
  steps.push(...sequentialSteps(summary, { open, world }, hint));
  steps.push(...lost.map((result) => lostStep(summary, result, hint)));
  steps.push(...taskSteps({ ...summary, epics }, open, hint));
  const unfinished = tasks.pending + tasks.blocked + tasks.running;
  if (session.status === 'paused') steps.push(pauseStep(summary, hint));
  if (!open && tasks.failed === 0 && unfinished > 0)
    steps.push({ problem: `${plural(unfinished, 'task')} not done yet`, commands: [runLine(session, hint)] });
  if (!open) steps.push(...unlandedSteps(summary, lost, hint), ...proposedSteps(summary, hint));
  return steps;
}

/** What an open session left out cannot be steered in it. */
export const inSession = ({ options }: SessionSummary['session'], epic: number): boolean =>
  !Array.isArray(options.epics) || options.epics.includes(epic);

/** Epics that are done and whose merge nobody tried: the session was stopped before. */
function unlandedSteps(
  { session, epics }: SessionSummary,
  lost: readonly EpicResult[],
  hint: Hint,
): NextStep[] {
  const finished = epics.filter(
    ({ number, tasks, worktree }) =>
      worktree?.status === 'active' &&
      tasks.every(({ status }) => isFinished(status)) &&
      tasks.some(({ status }) => status === 'complete') &&
      !lost.some(({ epic }) => epic === number),
  );
  if (finished.length === 0) return [];
  const problem = `${plural(finished.length, 'epic')} finished but not landed`;
  return [{ problem, commands: [runLine(session, hint)] }];
}

/** Once somebody has merged them, their worktrees can go. */
function proposedSteps({ session, epics }: SessionSummary, hint: Hint): NextStep[] {
  const urls = epics.flatMap(({ worktree }) =>
    worktree?.status === 'proposed' && worktree.pullRequest ? [worktree.pullRequest.url] : [],
  );
  if (urls.length === 0) return [];
  const recover = `${hint('worktrees', 'recover', '--project', session.project)}    # after git pull`;
  return [{ problem: pullRequestsText(urls, 'not merged yet'), commands: [recover] }];
}

function lostStep(summary: SessionSummary, { epic, reason }: EpicResult, hint: Hint): NextStep {
  const name = summary.epics.find(({ number }) => number === epic)?.name ?? '';
  const why = firstLine(reason ?? 'its workflow ended', 400);
  return {
    problem: `Epic ${epic} ${title(name)} was lost: ${why}; its work is kept`,
    commands: [runLine(summary.session, hint)],
  };
}
