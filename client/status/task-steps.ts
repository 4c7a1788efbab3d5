import type { SessionSummary, TaskSummary } from '../../db/session/summary';
import { listed } from '../../domain/listed';
import { plural } from '../../domain/plural';
import type { Hint } from '../text/hint';
import type { NextStep } from './next-step';
import { title } from '../text/plan-names';
import { outputLines } from '../text/last-lines';
import { runLine } from './run-line';
import { firstLine } from '../text/units';

const MOST_STEPS = 10;
const MOST_NAMED = 10;

type Failed = TaskSummary & { epic: number };

/** What to do about tasks that failed: one step for each cause. */
export function taskSteps({ session, epics }: SessionSummary, open: boolean, hint: Hint): NextStep[] {
  const failed = epics.flatMap((epic) => epic.tasks.map((task) => ({ ...task, epic: epic.number })));
  const causes = byCause(failed.filter(({ status }) => status === 'failed'));
  const to = ['--project', session.project];
  const steps = causes.slice(0, MOST_STEPS).map((tasks) => {
    const named = tasks.slice(0, MOST_NAMED);
    const why = tasks[0]!.attempts > 0 ? [`${hint('transcript', tasks[0]!.number, ...to)}    # why`] : [];
    const retries = named.map(({ number }) => hint('retry', number, ...to));
    if (tasks.length === 1)
      retries.push(`${hint('skip', tasks[0]!.number, ...to)}    # instead: counts as done`);
    const output = outputLines(tasks[0]!.output);
    const printed = output.length > 0 ? { output } : {};
    return { problem: problemOf(tasks), ...printed, commands: open ? retries : why };
  });
  const rest = causes.slice(MOST_STEPS).flat().length;
  if (rest > 0) steps.push({ problem: `and ${plural(rest, 'more failed task')}`, commands: [] });
  if (!open && steps.length > 0) steps.at(-1)!.commands.push(runLine(session, hint));
  return steps;
}

/** `setup` is one command: what it fails of says each epic anew. */
const SETUP = /^setup of epic \d+ /;

const causeOf = ({ reason }: Failed): string | null => reason && reason.replace(SETUP, 'setup ');

function byCause(failed: readonly Failed[]): Failed[][] {
  const causes = new Map<string | number, Failed[]>();
  for (const task of failed) {
    const cause = causeOf(task) ?? task.number;
    causes.set(cause, [...(causes.get(cause) ?? []), task]);
  }
  return [...causes.values()];
}

function problemOf(tasks: readonly Failed[]): string {
  const [first] = tasks;
  if (tasks.length === 1) return `T${first!.number} ${title(first!.title)} failed: ${why(first!.reason)}`;
  if (SETUP.test(first!.reason ?? '')) {
    const epics = [...new Set(tasks.map(({ epic }) => String(epic)))];
    return `setup failed in epics ${listed(epics, MOST_NAMED)}: ${why(causeOf(first!)).replace(/^setup /, 'it ')}`;
  }
  const names = tasks.map(({ number }) => `T${number}`);
  return `${listed(names, MOST_NAMED)} failed: ${why(first!.reason)}`;
}

const why = (reason: string | null) => firstLine(reason ?? 'no reason recorded', 400);
