import type { Queryable } from '../../db/connection/connection';
import { sessionSummary, type SessionSummary } from '../../db/session/summary';
import type { EpicResult } from '../../domain/session/session-result';
import { pasteable, type Hint } from '../text/hint';
import { lookAtMerges } from './merge-states';
import type { NextStep } from './next-step';
import { nextSteps } from './next-steps';

/** A session as people are shown it: the whole plan's state and what they should do next. */
export async function sessionView(
  db: Queryable,
  sessionId: number,
  hint: Hint,
  lost: readonly EpicResult[] = [],
  look = lookAtMerges,
): Promise<{ summary: SessionSummary; steps: NextStep[] }> {
  const summary = await sessionSummary(db, sessionId);
  const world = await look(db, summary);
  // A reason may name a command, as the layers below write it.
  const steps = nextSteps(summary, hint, { lost, world }).map((step) => ({
    ...step,
    problem: pasteable(step.problem, hint),
  }));
  const epics = summary.epics.map((epic) => ({
    ...epic,
    tasks: epic.tasks.map((task) => ({ ...task, reason: task.reason && pasteable(task.reason, hint) })),
  }));
  return { summary: { ...summary, epics }, steps };
}
