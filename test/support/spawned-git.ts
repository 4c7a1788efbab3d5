import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launchWith, type Launch } from '../../git/process/launch';
import { runProcess } from '../../git/process/process';
import { startSpawner } from '../../git/process/spawner';

/**
 * Set up before each test file: git is started by a small process, as in a worker (docs/decisions/0009), since to start one
 * from a jest process, which is larger still, takes tens of milliseconds. Without a build, jest's starts git by itself.
 */
const PROGRAM = join(__dirname, '../../dist/git/process/spawner-main.js');
const spawner = existsSync(PROGRAM) ? startSpawner(PROGRAM) : null;

export const launchGit: Launch = spawner?.run ?? runProcess;

launchWith(launchGit);
Object.assign(globalThis, { atTheEnd: () => spawner?.close() });
