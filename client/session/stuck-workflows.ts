import { failedTries } from '../../domain/session/open-workflow';
import type { Description } from './pending-work';

/** One that no worker can go on with: it fails, and is tried again, for ever. */
export interface StuckWorkflow {
  workflowId: string;
  tries: number;
}

/** Those of a session and its epics that are. */
export function stuckIn(work: readonly Description[]): StuckWorkflow[] {
  return work.flatMap(({ workflowExecutionInfo: info, pendingWorkflowTask: pending }) => {
    const tries = failedTries(pending);
    return tries === null ? [] : [{ workflowId: info?.execution?.workflowId ?? '', tries }];
  });
}
