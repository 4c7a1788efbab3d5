import type { Session } from '../../db/session/sessions';
import type { StuckWorkflow } from '../session/stuck-workflows';
import type { Hint } from '../text/hint';
import type { NextStep } from './next-step';
import { runLine } from './run-line';

/** How to go on without a workflow that no worker can go on with: what is complete is never done again. */
export function stuckSteps(
  stuck: readonly StuckWorkflow[],
  session: Pick<Session, 'project' | 'options' | 'workflowId'>,
  hint: Hint,
): NextStep[] {
  return stuck.map(({ workflowId, tries }) => ({
    problem: `The workflow ${workflowId} cannot go on: it failed ${tries} times, and the worker's log says why. What is complete is kept when it is ended`,
    commands: [
      hint('temporal', '--', 'workflow', 'terminate', '-w', workflowId),
      // Of an epic's, the session hears, and begins another one.
      ...(workflowId === session.workflowId ? [runLine(session, hint)] : []),
    ],
  }));
}
