import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launchWith } from '../git/process/launch';
import { startSpawner } from '../git/process/spawner';

/**
 * Has a small process start this worker's git commands, until the function that it returns is called. From sources
 * there is no compiled program to be the spawner: then the worker starts git by itself.
 */
export function runGitBySpawner(): () => void {
  const program = join(__dirname, '..', 'git', 'process', 'spawner-main.js');
  if (!existsSync(program)) return () => undefined;
  const spawner = startSpawner(program);
  launchWith(spawner.run);
  return () => {
    launchWith(null);
    spawner.close();
  };
}
