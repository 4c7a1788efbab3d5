import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServicesError } from '../errors';
import { isFree } from '../ports';
import { identify, type ProcessIdentity } from '../../processes/identity';
import { endProcess } from '../../processes/signal';
import { lastLogLine, openLog } from './log-file';
import type { Program } from './program';

const FIRST_PAUSE_MS = 250;
/** One that ran this long has not failed at its start: the pauses begin anew. */
const SETTLED_AFTER_MS = 10_000;
const STARTS_BEFORE_GIVING_UP = 5;
const READY_WITHIN_MS = 90_000;

export interface Watcher {
  /** Called with each new process (null: it cannot be started), and with the number of starts that failed in a row. Must not throw. */
  onStart(process: ProcessIdentity | null, failures: number): Promise<void>;
  /** Called when a process that followed on failures has run for long enough. Must not throw. */
  onSettled(): Promise<void>;
  /** Called when another program has one of its ports: it is not started again. Must not throw. */
  onPortTaken(port: number): void;
}

/** Another program was faster. With other ports it can be started. */
export class PortTaken extends ServicesError {
  constructor(
    readonly program: string,
    readonly port: number,
  ) {
    super(`Another program has taken port ${port} of ${program}`, 'run `yokeflow down`, then try again');
  }
}

export interface Running {
  /** Resolves when it can be used. Rejects with a ServicesError when it cannot be brought up. */
  ready: Promise<void>;
  /** Ends it, and does not start it again. */
  stop(): Promise<void>;
  /** The same, but a server writes nothing more: its data are no longer ours. */
  abandon(): Promise<void>;
}

interface Launched {
  child: ChildProcess;
  /** Resolves when it has ended; rejects when it cannot be started. */
  ended: Promise<[number | null, NodeJS.Signals | null]>;
}

async function launch(program: Program): Promise<Launched> {
  const log = await openLog(program.log);
  try {
    const { file, args, ...options } = program.command;
    const child = spawn(file, args, { ...options, stdio: ['ignore', log.fd, log.fd] });
    // Heard from the first moment: one that cannot be started says so before the log is closed, and would end us.
    const ended = once(child, 'exit') as Launched['ended'];
    ended.catch(() => undefined);
    return { child, ended };
  } finally {
    await log.close();
  }
}

/** Resolves with how it ended: a SIGKILL may be that of a machine without memory. */
async function runOnce(program: Program, watcher: Watcher, turn: Turn): Promise<string> {
  await program.prepare?.();
  const { child, ended } = await launch(program);
  const identity = child.pid === undefined ? null : await identify(child.pid);
  turn.current = identity;
  if (identity) console.log(`${new Date().toISOString()} ${program.name} runs as process ${identity.pid}`);
  await watcher.onStart(identity, turn.failures);
  if (identity && turn.stopping) await endProcess(identity, program.stopSignal, program.stopWithinMs);
  const settling = setTimeout(() => settle(turn, watcher), SETTLED_AFTER_MS);
  try {
    const [code, signal] = await ended;
    return signal ?? `exit code ${code}`;
  } catch (error) {
    const why = `it cannot be started: ${(error as Error).message}`;
    await appendFile(program.log, `${why}\n`);
    return why;
  } finally {
    clearTimeout(settling);
    turn.current = null;
  }
}

function settle(turn: Turn, watcher: Watcher): void {
  if (turn.failures === 0) return;
  turn.failures = 0;
  void watcher.onSettled();
}

interface Turn {
  stopping: boolean;
  current: ProcessIdentity | null;
  failures: number;
  takenPort: number | null;
}

async function loop(program: Program, watcher: Watcher, turn: Turn, interrupt: AbortSignal): Promise<void> {
  while (!turn.stopping) {
    const startedAt = performance.now();
    // A full disk can keep even the log from being opened: that is one more failed start.
    const how = await runOnce(program, watcher, turn).catch(String);
    turn.failures = performance.now() - startedAt >= SETTLED_AFTER_MS ? 0 : turn.failures + 1;
    if (!turn.stopping)
      console.log(`${new Date().toISOString()} ${program.name} has ended by itself (${how})`);
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (turn.failures - 1), program.longestPauseMs);
    if (!turn.stopping) await sleep(pause, undefined, { signal: interrupt }).catch(() => undefined);
    turn.takenPort = turn.stopping ? null : await firstTaken(program.ports);
    if (turn.takenPort === null) continue;
    watcher.onPortTaken(turn.takenPort);
    return;
  }
}

/** Ours does not run at this moment, so whoever listens is somebody else. */
async function firstTaken(ports: number[]): Promise<number | null> {
  for (const port of ports) if (!(await isFree(port))) return port;
  return null;
}

async function becomeReady(program: Program, turn: Turn, readyWithinMs: number): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  const isLate = async () => performance.now() > deadline && !(await program.isComing?.());
  while (!turn.stopping && !(turn.current && (!program.isReady || (await program.isReady())))) {
    if (turn.takenPort !== null) throw new PortTaken(program.name, turn.takenPort);
    if (turn.failures >= STARTS_BEFORE_GIVING_UP || (await isLate())) {
      throw new ServicesError(
        `${program.name} does not start (${await lastLogLine(program.log)})`,
        `read ${program.log}, then try again`,
      );
    }
    await sleep(25);
  }
}

/** Starts a program, and starts it again whenever it ends, after pauses that double from 250 ms to `longestPauseMs`. */
export function keepRunning(program: Program, watcher: Watcher, readyWithinMs = READY_WITHIN_MS): Running {
  const turn: Turn = { stopping: false, current: null, failures: 0, takenPort: null };
  const interrupt = new AbortController();
  const done = loop(program, watcher, turn, interrupt.signal);
  const endBy = async (signal: NodeJS.Signals) => {
    turn.stopping = true;
    interrupt.abort();
    if (turn.current) await endProcess(turn.current, signal, program.stopWithinMs);
    await done;
  };
  return {
    ready: becomeReady(program, turn, readyWithinMs),
    stop: () => endBy(program.stopSignal),
    abandon: () => endBy(program.ports.length > 0 ? 'SIGKILL' : program.stopSignal),
  };
}
