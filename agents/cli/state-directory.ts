import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the CLIs keep their conversations: below YokeFlow's own folder, outside of any worktree. */
export const stateDirectory = ({ YOKEFLOW_HOME, HOME }: NodeJS.ProcessEnv): string =>
  join(YOKEFLOW_HOME || join(HOME || homedir(), '.yokeflow'), 'agents');
