import type { Description } from './pending-work';

/** A worker that is lost, or too slow once, is no reason: the task of a workflow is tried again at once. */
const TRIES = 5;

/** One that no worker can go on with: it fails, and is tried again, for ever. */
export interface StuckWorkflow {
  workflowId: string;
  tries: number;
}

/** Those of a session and its epics that are. */
export function stuckIn(work: readonly Description[]): StuckWorkflow[] {
  return work.flatMap(({ workflowExecutionInfo: info, pendingWorkflowTask: pending }) => {
    const tries = (pending?.attempt ?? 1) - 1;
    return tries < TRIES ? [] : [{ workflowId: info?.execution?.workflowId ?? '', tries }];
  });
}
