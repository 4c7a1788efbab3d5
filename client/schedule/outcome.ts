import { WorkflowNotFoundError, type Client, type ScheduleExecutionResult } from '@temporalio/client';
import { allLanded, BUSY_NOTE, proposedIn, type SessionResult } from '../../domain/session/session-result';
import { isOpenStatus } from '../../domain/session/open-workflow';
import { endOf, type SessionEnd } from '../session/session-end';

/** What came of one run of a schedule. */
export interface RunOutcome {
  workflowId: string;
  runId: string;
  /** When it was due, ISO 8601. */
  at: string;
  /** `landed`: everything that was asked for. `idle`: there was nothing to do. `busy`: another session was open. `red`: it did not run, or did not land everything. */
  kind: 'running' | 'landed' | 'idle' | 'busy' | 'red' | 'cancelled' | 'forgotten';
  /** One sentence for people. */
  text: string;
}

export async function outcomeOf(client: Client, run: ScheduleExecutionResult): Promise<RunOutcome> {
  const { workflowId, firstExecutionRunId: runId } = run.action.workflow;
  const about = { workflowId, runId, at: run.scheduledAt.toISOString() };
  const handle = client.workflow.getHandle<() => Promise<SessionResult>>(workflowId, runId);
  try {
    const { status } = await handle.describe();
    if (isOpenStatus(status.name)) return { ...about, kind: 'running', text: 'runs now' };
    const result = await handle.result();
    const busy = result.notes.find((note) => note.startsWith(BUSY_NOTE));
    if (busy) return { ...about, kind: 'busy', text: busy };
    const idle = result.notes.find((note) => note.startsWith('nothing to do'));
    return {
      ...about,
      kind: idle ? 'idle' : 'landed',
      text: idle ?? allLanded(result.tasks, proposedIn(result.epics)),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      return { ...about, kind: 'forgotten', text: 'Temporal keeps it no longer' };
    return { ...about, ...wordsOf(endOf(error)) };
  }
}

function wordsOf(end: SessionEnd): Pick<RunOutcome, 'kind' | 'text'> {
  if (!('message' in end)) return { kind: 'running', text: 'runs now' };
  const text = end.message.split('\n', 1)[0]!;
  if (end.kind === 'cancelled') return { kind: 'cancelled', text };
  if (end.kind === 'refused') return { kind: 'red', text: `${BUSY_NOTE}${text}` };
  return { kind: 'red', text };
}
