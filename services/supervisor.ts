import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServicesError } from './errors';
import { makeHome } from './home';
import { identify } from './process-identity';
import { readSettings } from './settings';
import { bringUp, type BringUp, postgresDataDir } from './supervision/bring-up';
import { claimHome } from './supervision/claim';
import { agentKeysOf, currentBuild, wiringOf } from './supervision/fingerprint';
import { endLeftovers } from './supervision/leftovers';
import { workerMarker } from './supervision/programs';
import { createReporter } from './supervision/reporter';
import type { ServicesState } from './supervision/state';

/** A step of coming up, such as initdb, that is better ended than cut off. */
const LET_STEP_END_MS = 3_000;

async function firstState(env: NodeJS.ProcessEnv, worker: boolean): Promise<ServicesState> {
  const settings = readSettings(env);
  const supervisor = await identify(process.pid);
  if (!supervisor) throw new Error('this process cannot be identified');
  return {
    supervisor,
    phase: 'starting',
    progress: [],
    failure: null,
    programs: [],
    failures: {},
    ports: { postgres: null, temporal: null, ui: null },
    worker,
    wiring: wiringOf(settings),
    build: await currentBuild(),
    agentKeys: agentKeysOf(env),
  };
}

async function stopAll(up: BringUp): Promise<void> {
  up.stopping = true;
  for (const running of up.running.splice(0).reverse()) await running.stop();
}

function asFailure(error: unknown): { problem: string; remedy: string } {
  if (error instanceof ServicesError) return { problem: error.problem, remedy: error.remedy };
  return { problem: error instanceof Error ? error.message : String(error), remedy: 'try again' };
}

async function superviseUntilTold(up: BringUp): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve());
  });
  // A signal must be heard while services still come up, too.
  const brought = bringUp(up).then(() => up.reporter.update({ phase: 'ready' }));
  await Promise.race([brought.then(() => stopped), stopped]);
  up.stopping = true;
  await Promise.race([brought.catch(() => undefined), sleep(LET_STEP_END_MS)]);
}

/**
 * Runs the embedded services and the worker of one home until SIGTERM. Does nothing when another
 * supervisor has the home.
 */
export async function supervise(env: NodeJS.ProcessEnv, worker: boolean): Promise<void> {
  const settings = readSettings(env);
  const paths = await makeHome(settings.home);
  const state = await firstState(env, worker);
  const predecessor = await claimHome(settings.home, paths, (dead) => {
    // Its children stay on record until they have ended, whatever happens to this process.
    return Object.assign(state, { programs: dead?.programs ?? [], ports: dead?.ports ?? state.ports });
  });
  if (predecessor === 'taken') return;
  const reporter = createReporter(paths.state, state);
  const up: BringUp = { settings, paths, env, worker, reporter, running: [], stopping: false };
  const markers = {
    worker: workerMarker(settings.home),
    temporal: paths.temporalDb,
    postgres: await postgresDataDir(settings.home),
  };
  try {
    await endLeftovers(predecessor, markers, (line) => reporter.say(line));
    await superviseUntilTold(up);
    await stopAll(up);
    await rm(paths.state, { force: true });
  } catch (error) {
    console.error(error);
    await stopAll(up);
    await reporter.update({ phase: 'failed', failure: asFailure(error), programs: [] });
    process.exitCode = 1;
  }
}
