import { readFile, rm } from 'node:fs/promises';
import { waitUntil } from '../../services/wait';
import { startGuarded, type Guarded } from './guarded';

export interface GuardedServer {
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** After `kill`: on the same data, at the same address. */
  restart(): Promise<void>;
}

export interface ServerProgram {
  name: string;
  command: string;
  args: string[];
  /** Everything that it writes is in here. */
  directory: string;
  account?: { uid: number; gid: number } | null;
  answers: () => Promise<boolean>;
}

const STARTS_WITHIN_MS = 90_000;
const RESTART_TRIES = 6;
/** What the killed one left running keeps a new one from starting, for a moment: then it is tried again. */
const RESTARTS_WITHIN_MS = 10_000;

/** Starts a server of the test run's own, and waits until it answers. */
export async function startServer(program: ServerProgram): Promise<GuardedServer> {
  const { name, command, args, directory, account, answers } = program;
  const log = `${directory}/log`;
  const launch = (): Guarded => startGuarded(command, args, { directory, log, ...account });
  let server = launch();
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  if (!(await waitUntil(answers, STARTS_WITHIN_MS))) {
    const output = await readFile(log, 'utf8');
    await stop();
    throw new Error(`${name} did not start for the tests:\n${output}`);
  }
  return {
    stop,
    kill: () => server.kill(),
    async restart() {
      for (let tries = 0; tries < RESTART_TRIES; tries++) {
        server = launch();
        if (await waitUntil(answers, RESTARTS_WITHIN_MS)) return;
        await server.kill();
      }
      throw new Error(`${name} did not come back:\n${(await readFile(log, 'utf8')).slice(-4_000)}`);
    },
  };
}
