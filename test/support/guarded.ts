import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * Ends its command when its own standard input closes: that happens whenever the process that
 * runs the tests goes away, even by SIGKILL. So no run leaves a server behind. A line on its
 * standard input kills the command and leaves its files, as a crash would.
 */
const GUARD = `
  "$@" </dev/null & pid=$!
  if read -r line; then
    kill -KILL "$pid" 2>/dev/null
    wait "$pid"
    exit
  fi
  kill -INT "$pid" 2>/dev/null
  wait "$pid"
  rm -rf "$GUARDED_DIR"/*
`;

export interface Guarded {
  stop(): Promise<void>;
  /** SIGKILL; what is on disk stays. */
  kill(): Promise<void>;
}

/** Starts a server that lives no longer than this process; what `directory` holds goes with it. */
export function startGuarded(
  command: string,
  args: string[],
  options: { directory: string; log: string; uid?: number; gid?: number },
): Guarded {
  const { directory, log, ...account } = options;
  const output = openSync(log, 'a');
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', command, ...args], {
    ...account,
    cwd: directory,
    env: { ...process.env, GUARDED_DIR: directory },
    detached: true,
    stdio: ['pipe', output, output],
  });
  guard.unref();
  (guard.stdin as Socket).unref();
  return { stop: () => end(guard, ''), kill: () => end(guard, 'kill\n') };
}

async function end(guard: ChildProcess, lastWord: string): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const ended = new Promise((resolve) => guard.once('exit', resolve));
  guard.ref();
  guard.stdin?.end(lastWord);
  await ended;
}
