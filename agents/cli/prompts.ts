import type { AgentPrompt } from '../contract/agent';

/** The whole prompt in one piece, for a program that takes it on its standard input. */
export const wholePrompt = ({ system, task }: AgentPrompt): string => `${system}\n\n${task}\n`;

/** A CLI drops the call that it was interrupted in, so that the model would not know of it. */
export const GO_ON =
  'You were interrupted. It is not known whether the last thing that you did or began took effect: look before you ' +
  'repeat it. Then go on with the task until it is done.\n';

const STARTED_BEFORE =
  'Somebody worked on this task before you and was interrupted; there is no record of it but what is in the ' +
  'worktree. Look at `git status`, `git diff` and `git log` first, and go on from there.';

/** For a conversation that is lost, while the work that was done in it is still there. */
export const startAgain = (prompt: AgentPrompt): string => `${wholePrompt(prompt)}\n${STARTED_BEFORE}\n`;
