import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where outputs go that are too long for a prompt or the database: below YokeFlow's own folder. */
export const outputsFolder = ({ YOKEFLOW_HOME, HOME }: NodeJS.ProcessEnv): string =>
  join(YOKEFLOW_HOME || join(HOME || homedir(), '.yokeflow'), 'outputs');
