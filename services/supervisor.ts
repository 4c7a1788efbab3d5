import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServicesError } from './errors';
import { makeHome } from './home';
import { identify } from '../processes/identity';
import { readSettings } from './settings';
import { bringUp, type BringUp } from './supervision/bring-up';
import { claimHome } from './supervision/claim';
import { beat, thisPlace } from './supervision/elsewhere';
import { agentKeysOf, currentBuild, wiringOf } from './supervision/fingerprint';
import { PortTaken } from './supervision/keep-running';
import { endLeftovers } from './supervision/leftovers';
import { keepLogsBounded } from './supervision/log-file';
import { markersOf } from './supervision/markers';
import { createReporter } from './supervision/reporter';
import type { ServicesState } from './supervision/state';
import { STEP_ENDS_WITHIN_MS } from './supervision/stop-times';
import { watchPlace } from './supervision/watch-place';

async function firstState(env: NodeJS.ProcessEnv, worker: boolean): Promise<ServicesState> {
  const settings = readSettings(env);
  const supervisor = await identify(process.pid);
  if (!supervisor) throw new Error('this process cannot be identified');
  return {
    supervisor,
    place: await thisPlace(),
    phase: 'starting',
    progress: [],
    failure: null,
    programs: [],
    failures: {},
    ports: { postgres: null, temporal: null, ui: null },
    worker,
    wiring: wiringOf(settings),
    build: await currentBuild(),
    node: process.execPath,
    agentKeys: agentKeysOf(env),
    sshAgent: env.SSH_AUTH_SOCK || null,
  };
}

async function stopAll(up: BringUp): Promise<void> {
  up.stopping = true;
  const running = up.running.splice(0).reverse();
  // What may be another's data by now is not written to for as long as the worker takes.
  if (up.reporter.lost.aborted) await Promise.all(running.map((one) => one.abandon()));
  else for (const one of running) await one.stop();
}

function asFailure(error: unknown): { problem: string; remedy: string } {
  if (error instanceof ServicesError) return { problem: error.problem, remedy: error.remedy };
  return { problem: error instanceof Error ? error.message : String(error), remedy: 'try again' };
}

/** Brings everything up, and waits. Resolves with a port that another program has taken; null: we were told to stop. */
async function superviseOnce(up: BringUp, told: Promise<null>): Promise<number | null> {
  const taken = new Promise<number>((resolve) => {
    up.onPortTaken = resolve;
  });
  // A signal must be heard while services still come up, too.
  const brought = bringUp(up).then(async () => {
    if (!up.stopping) await up.reporter.update({ phase: 'ready' });
  });
  const end = await Promise.race([brought.then(() => Promise.race([told, taken])), told]).catch(
    (error: unknown) => {
      if (error instanceof PortTaken) return error.port;
      throw error;
    },
  );
  up.stopping = true;
  await Promise.race([brought.catch(() => undefined), sleep(STEP_ENDS_WITHIN_MS)]);
  return end;
}

/** Told again, by another `yokeflow down`, it goes on stopping. A machine that shuts down sends SIGHUP along. */
function hearStopSignals(): Promise<null> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => resolve(null));
  });
}

async function superviseUntil(told: Promise<null>, up: BringUp): Promise<void> {
  const lost = new Promise<null>((resolve) =>
    up.reporter.lost.addEventListener('abort', () => resolve(null)),
  );
  const over = Promise.race([told, lost]);
  for (;;) {
    const port = await superviseOnce(up, over);
    if (port === null) return;
    await up.reporter.update({ phase: 'starting', progress: [] });
    up.reporter.say(`another program has taken port ${port}: starting again with other ports`);
    // The worker before all else: it would take whatever answers at that port for ours.
    await stopAll(up);
    up.stopping = false;
  }
}

/**
 * Runs the embedded services and the worker of one home until SIGTERM, or until that home is gone, or another
 * supervisor's. Does nothing when another one has it already.
 */
export async function supervise(env: NodeJS.ProcessEnv, worker: boolean): Promise<void> {
  const settings = readSettings(env);
  const paths = await makeHome(settings.home);
  const state = await firstState(env, worker);
  // Whoever finds this process by its state may tell it to stop.
  const told = hearStopSignals();
  const predecessor = await claimHome(settings.home, paths, (dead) => {
    // Its children stay on record until they have ended, whatever happens to this process.
    return Object.assign(state, { programs: dead?.programs ?? [], ports: dead?.ports ?? state.ports });
  });
  if (predecessor === 'taken') return;
  const stopBeating = beat(paths.state);
  const stopBounding = keepLogsBounded(paths.logs);
  const reporter = createReporter(paths.state, state);
  const stopWatching = watchPlace(reporter);
  const up: BringUp = {
    settings,
    paths,
    env,
    worker,
    reporter,
    running: [],
    onPortTaken: () => undefined,
    stopping: false,
  };
  try {
    await endLeftovers(predecessor, await markersOf(settings.home), (line) => reporter.say(line));
    await superviseUntil(told, up);
    await stopWatching();
    await reporter.update({ phase: 'stopping' });
    await stopAll(up);
    if (!reporter.lost.aborted) await rm(paths.state, { force: true });
  } catch (error) {
    console.error(error);
    await stopAll(up);
    await reporter.update({ phase: 'failed', failure: asFailure(error), programs: [] });
    process.exitCode = 1;
  } finally {
    void stopWatching();
    stopBeating();
    stopBounding();
  }
}
