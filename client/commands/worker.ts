import type { Command } from 'commander';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { areStillAt, environmentFor, peekServices, readSettings, type Endpoints } from '../../services';
import { built } from '../../services/built';
import { addAction, type Cli } from '../cli/command';
import { runInForeground } from '../cli/foreground';

export function addWorker(program: Command, cli: Cli): void {
  addAction(program, cli, worker, {
    usage: 'worker',
    summary: 'run a worker in this terminal, beside the one in the background if there is one',
    example: 'worker',
  });
}

const LOOK_MS = 500;

/**
 * A worker that only connected again would take whoever has the port of embedded services for them, and run the sessions
 * of another home's Temporal. So it ends when they are gone, and another one starts where they come back.
 */
async function worker({ context, hint }: Cli): Promise<number> {
  const { env, cwd } = context;
  const main = built(path.join('worker', 'main.js'));
  for (;;) {
    const endpoints = await context.services({ worker: 'own' });
    const gone = goneFrom(env, endpoints);
    const told = listen();
    const code = await runInForeground(process.execPath, [main], {
      env: environmentFor(env, readSettings(env), endpoints),
      cwd,
      stop: gone.signal,
    });
    gone.forget();
    if (told() || !gone.signal.aborted) return code;
    context.note(
      `The services are gone from where this worker found them, so it has stopped. It starts again when they are back ` +
        `(${hint('up')}; Ctrl-C to end it)`,
    );
    while ((await peekServices(env)) === null) await sleep(LOOK_MS);
    context.note('The services are back: the worker starts again');
  }
}

/** Aborts once the services are no longer there. */
function goneFrom(env: NodeJS.ProcessEnv, endpoints: Endpoints) {
  const gone = new AbortController();
  const over = new AbortController();
  const look = async () => {
    while (await areStillAt(env, endpoints)) await sleep(LOOK_MS, undefined, { signal: over.signal });
    gone.abort();
  };
  // Services of which nothing can be read are left to the worker itself.
  void look().catch(() => undefined);
  return { signal: gone.signal, forget: () => over.abort() };
}

/** Whether a person, or who runs this command, has asked for its end since. */
function listen(): () => boolean {
  let told = false;
  const hear = () => void (told = true);
  process.once('SIGINT', hear).once('SIGTERM', hear).once('SIGHUP', hear);
  return () => {
    process.off('SIGINT', hear).off('SIGTERM', hear).off('SIGHUP', hear);
    return told;
  };
}
