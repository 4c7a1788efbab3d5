import type { Queryable } from '../../db/connection/connection';
import { sessionSummary, type SessionSummary } from '../../db/session/summary';
import type { EpicResult } from '../../domain/session/session-result';
import { pasteable, type Hint } from '../text/hint';
import { lookAtMerges } from './merge-states';
import type { NextStep } from './next-step';
import { nextSteps } from './next-steps';
import type { Unlanded } from './unlanded';

export interface SessionView {
  summary: SessionSummary;
  steps: NextStep[];
  unlanded: Unlanded;
}

/** A session as people are shown it: the whole plan's state and what they should do next. */
export async function sessionView(
  db: Queryable,
  sessionId: number,
  hint: Hint,
  lost: readonly EpicResult[] = [],
  look = lookAtMerges,
): Promise<SessionView> {
  return viewOf(db, await sessionSummary(db, sessionId), hint, lost, look);
}

/** The same of one whose state is known already. */
export async function viewOf(
  db: Queryable,
  summary: SessionSummary,
  hint: Hint,
  lost: readonly EpicResult[] = [],
  look = lookAtMerges,
): Promise<SessionView> {
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
  return { summary: { ...summary, epics }, steps, unlanded: world.unlanded };
}
