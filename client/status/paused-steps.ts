import type { PausedWorkflow } from '../session/paused-workflows';
import type { Hint } from '../text/hint';
import type { NextStep } from './next-step';

const MOST_COMMANDS = 10;

/** How to let go on what somebody has paused in Temporal itself: `resume` does not reach it. */
export function pausedSteps(paused: readonly PausedWorkflow[], hint: Hint): NextStep[] {
  const [first] = paused;
  if (!first) return [];
  const what = paused.length === 1 ? `The workflow ${first.workflowId} is` : `${paused.length} workflows are`;
  const problem = `${what} paused in Temporal itself${first.reason && `: ${first.reason}`}`;
  const commands = paused
    .slice(0, MOST_COMMANDS)
    .map(({ workflowId }) => hint('temporal', '--', 'workflow', 'unpause', '-w', workflowId));
  return [{ problem, commands }];
}
