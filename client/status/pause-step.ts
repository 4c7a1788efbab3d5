import type { SessionSummary } from '../../db/session/summary';
import type { Hint } from '../text/hint';
import type { NextStep } from './next-step';
import { firstLine, money } from '../text/units';

/** Why a session is paused, and what makes it go on. */
export function pauseStep(summary: SessionSummary, hint: Hint): NextStep {
  const { project, statusReason } = summary.session;
  const resume = hint('resume', '--project', project);
  if (!statusReason) return { problem: 'The session is paused', commands: [resume] };
  const problem = `The session is paused: ${firstLine(statusReason, 400)}`;
  if (statusReason.startsWith('limit'))
    return { problem: `${problem}. It goes on by itself; to try now:`, commands: [resume] };
  if (statusReason.startsWith('account'))
    return { problem: `${problem}, then let it go on in the same conversation:`, commands: [resume] };
  if (!statusReason.startsWith('budget')) return { problem, commands: [resume] };
  // No amount helps where nobody can tell what a turn costs.
  const unpriced = /the price of .+, the model of T(\d+), is not known/.exec(statusReason)?.[1];
  if (!unpriced) return { problem, commands: budgetCommands(summary, statusReason, hint) };
  const to = ['--project', project];
  return {
    problem: `${problem}. Give the task a model that has a price:`,
    commands: [hint('cancel', unpriced, ...to), hint('retry', unpriced, ...to, '--model', 'sonnet')],
  };
}

/** The reason names the budget that is spent; where it does not, each of them may be the one. */
function budgetCommands({ session, epics }: SessionSummary, reason: string, hint: Hint): string[] {
  const to = ['--project', session.project];
  const { budgetUsd, taskBudgetUsd } = session.options;
  const running = epics.flatMap((epic) => epic.tasks).filter(({ status }) => status === 'running');
  const ofSession = `${hint('budget', 'USD', ...to)}${moreThan(budgetUsd, 'for the session')}`;
  const ofTasks = [
    ...running.map(({ number }) => `${hint('budget', 'USD', ...to, '--task', number)}    # for T${number}`),
    `${hint('budget', 'USD', ...to, '--per-task')}${moreThan(taskBudgetUsd, 'for each task')}`,
  ];
  if (/task's budget/.test(reason)) return ofTasks;
  return /session's budget/.test(reason) ? [ofSession] : [ofSession, ...ofTasks];
}

const moreThan = (limit: unknown, what: string) =>
  `    # ${what}${typeof limit === 'number' ? `, more than ${money(limit)}` : ''}`;
