import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const WORKER = join(__dirname, '../../dist/worker/main.js');

export interface WorkerProcess {
  /** Resolves when it is gone, whoever ended it, with its exit code; null after a signal. */
  gone: Promise<number | null>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits. */
  stop(): Promise<void>;
  /** Stops it in its tracks, as a laptop that sleeps or an overloaded machine would. */
  freeze(): void;
  thaw(): void;
  output(): string;
}

/** A worker in a process of its own, as `yokeflow worker` starts it; it can be killed. */
export function startWorkerProcess(environment: Record<string, string>, ...args: string[]): WorkerProcess {
  if (!existsSync(WORKER))
    throw new Error('dist/ is missing: run the tests with "npm test", which builds it first');
  const child = spawn(process.execPath, [WORKER, ...args], {
    env: { PATH: process.env.PATH!, HOME: process.env.HOME ?? '/', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
  }
  // Not at its exit: what it said last may still be in the pipe then.
  const gone = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    gone,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    output: () => output,
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
