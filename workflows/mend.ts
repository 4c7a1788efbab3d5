import { ActivityFailure, CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { MendInput, TaskOutcome } from '../activities/scope/contract';
import type { EpicInput } from './epic-input';
import { rootMessage } from './failure';
import type { Order } from './messages';
import { hold } from './parent';
import { long, timeFor } from './proxies';

export type Mended = { ok: true } | { ok: false; reason: string };

/** Lets an agent settle what keeps an epic from being merged: a conflict of a task's dependencies, or of the landing. */
export async function mend(
  input: EpicInput,
  what: { task?: number; verification?: number },
  orders: Order[],
): Promise<Mended> {
  const { sessionId, epic, maxAttempts } = input;
  const { workflowId, runId } = workflowInfo();
  if (epic === null) return { ok: false, reason: '' };
  for (let number = 1; ; number++) {
    const name = `${what.task === undefined ? 'merge' : `T${what.task}-merge`}-try-${number}`;
    // The history's length tells one round from the next: a task may meet several conflicts.
    const holder = `${workflowId}/${runId}/${name}@${workflowInfo().historyLength}`;
    const lastTry = number >= maxAttempts;
    const request = { sessionId, epic, holder, try: number, lastTry, ...what };
    let outcome = await tryOnce(input, request, name);
    while (outcome.kind === 'held') {
      // The parent knows of a landing that is mended, or of a task that runs.
      await hold(input, what.task ?? null, outcome, orders);
      outcome = await tryOnce(input, request, name);
    }
    if (outcome.kind === 'done') return { ok: true };
    if (outcome.kind === 'conflict' || !outcome.again || lastTry)
      return { ok: false, reason: outcome.reason };
  }
}

async function tryOnce(input: EpicInput, request: MendInput, activityId: string): Promise<TaskOutcome> {
  const summary = `Epic ${request.epic}: settle its merge, try ${request.try}`;
  const options = { ...timeFor('mendEpic', input.taskTimeoutMinutes), activityId, summary };
  try {
    return await long.mendEpic.executeWithOptions(options, [request]);
  } catch (error) {
    const cancelled = isCancellation(error) || CancellationScope.current().consideredCancelled;
    if (cancelled || !(error instanceof ActivityFailure)) throw error;
    return { kind: 'failed', reason: rootMessage(error), again: false };
  }
}
