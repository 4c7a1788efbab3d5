import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, UsageError } from '../cli/exit';
import type { Hint } from '../text/hint';
import { oneLine } from '../cli/failure';
import { findOpenWorkflow } from './session';
import { sessionWorkflowId, type BudgetInput, type RetryInput } from '../../workflows/messages';

type UpdateInput = BudgetInput | RetryInput;

/** A worker answers within milliseconds; without one an update would wait for ever. */
const WITHIN_MS = 15_000;
/** A session that loads its plan refuses for so long: it says that it does. */
const MOMENT = /try again in a moment$/;
const MOMENT_MS = 500;

export interface UpdateRequest {
  project: string;
  /** From the workflows' contract; each of them answers with a text. */
  update: { name: string };
  args: [] | [UpdateInput];
}

/**
 * Sends an update to a project's open session and returns its answer.
 * @throws UsageError when it was refused, or when no session is open (`whenClosed` says what to do then)
 */
export async function sendUpdate(
  client: Client,
  { project, update, args }: UpdateRequest,
  { hint, whenClosed }: { hint: Hint; whenClosed: string },
): Promise<string> {
  const handle = client.workflow.getHandle(sessionWorkflowId(project));
  for (const asked = Date.now(); ; await sleep(MOMENT_MS)) {
    try {
      return await client.withDeadline(Date.now() + WITHIN_MS, () =>
        handle.executeUpdate<string, [UpdateInput]>(update.name, { args: args as [UpdateInput] }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw noOpenSession(project, whenClosed);
      // What is no session of the project answers as if no worker were there, or with words of the SDK.
      await findOpenWorkflow(client, project);
      if (error instanceof WorkflowUpdateFailedError) {
        const refusal = oneLine(error.cause?.message ?? error.message);
        if (MOMENT.test(refusal) && Date.now() - asked < WITHIN_MS) continue;
        throw new UsageError(inCommands(refusal, project, hint));
      }
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
        throw new CommandFailed(
          `no worker answered within ${WITHIN_MS / 1000} s: ${hint('doctor')}, or start one with ${hint('worker')}`,
        );
      throw error;
    }
  }
}

/** A refusal names another update as Temporal's own CLI takes it. */
const inCommands = (refusal: string, project: string, hint: Hint): string =>
  refusal.replace(
    /T(\d+) is running: cancelTask /,
    (_, task: string) => `T${task} is running: ${hint('cancel', task, '--project', project)} `,
  );

/** What was to be told to a session had nobody to hear it. */
export class NoOpenSession extends UsageError {}

export function noOpenSession(project: string, remedy: string): NoOpenSession {
  return new NoOpenSession(`${project} has no open session: ${remedy}`);
}
