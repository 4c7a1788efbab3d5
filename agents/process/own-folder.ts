import { homedir } from 'node:os';
import { join } from 'node:path';

/** YokeFlow's own folder, which is outside of any worktree. */
export const homeOf = ({ YOKEFLOW_HOME, HOME }: NodeJS.ProcessEnv): string =>
  YOKEFLOW_HOME || join(HOME || homedir(), '.yokeflow');

/** A folder below it. */
export const ownFolder = (environment: NodeJS.ProcessEnv, name: 'agents' | 'outputs'): string =>
  join(homeOf(environment), name);
