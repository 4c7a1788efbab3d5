import { temporal } from '@temporalio/proto';
import { harmless } from '../../domain/harmless';
import { firstLine } from '../text/units';
import type { Description } from './pending-work';

/** One that somebody has paused in Temporal itself: it does not hear of that, and answers nothing. */
export interface PausedWorkflow {
  workflowId: string;
  /** Empty where none was given. */
  reason: string;
}

const { WORKFLOW_EXECUTION_STATUS_PAUSED } = temporal.api.enums.v1.WorkflowExecutionStatus;
const REASON = 300;

/** Those of a session and its epics that are. */
export function pausedIn(work: readonly Description[]): PausedWorkflow[] {
  return work.flatMap(({ workflowExecutionInfo: info, workflowExtendedInfo: extended }) => {
    if (info?.status !== WORKFLOW_EXECUTION_STATUS_PAUSED) return [];
    const reason = firstLine(harmless(extended?.pauseInfo?.reason ?? ''), REASON);
    return [{ workflowId: info.execution?.workflowId ?? '', reason }];
  });
}
