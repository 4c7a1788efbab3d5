import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder below YokeFlow's own, which is outside of any worktree. */
export const ownFolder = ({ YOKEFLOW_HOME, HOME }: NodeJS.ProcessEnv, name: 'agents' | 'outputs'): string =>
  join(YOKEFLOW_HOME || join(HOME || homedir(), '.yokeflow'), name);
