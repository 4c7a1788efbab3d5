import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Launch } from './launch';
import type { ProcessOptions, ProcessOutput } from './process';

/** Without `run`: the command of this id is to end. */
export interface SpawnerRequest {
  id: number;
  run?: { command: string; args: string[]; options: Omit<ProcessOptions, 'signal'> };
}

export type SpawnerReply = { id: number; output: ProcessOutput } | { id: number; error: string };

interface Pending {
  resolve: (output: ProcessOutput) => void;
  reject: (error: Error) => void;
}

export interface Spawner {
  run: Launch;
  close(): void;
}

const LOST: ProcessOutput = { exitCode: null, stdout: '', stderr: 'the process that ran it is gone' };

/**
 * Runs commands by way of a small process of its own. To start a process, the kernel copies the page tables of the
 * one that asks, and Node waits for it: tens of milliseconds in a worker of some hundred megabytes, in which nothing
 * else happens there, and a few in a small one. A helper that died is replaced; the commands that it ran fail.
 * @param program the compiled `spawner-main`
 */
export function startSpawner(program: string): Spawner {
  const pending = new Map<number, Pending>();
  let helper: ChildProcess | null = null;
  let ids = 0;

  function settle(id: number, how: (waiting: Pending) => void): void {
    const waiting = pending.get(id);
    if (!waiting) return;
    pending.delete(id);
    how(waiting);
    if (pending.size === 0) helper?.channel?.unref();
  }

  function start(): ChildProcess {
    const child = fork(program, [], {
      serialization: 'advanced',
      env: { PATH: process.env.PATH },
      execArgv: [],
      // Neither Ctrl-C nor a signal to the worker's group ends it before the worker has.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.unref();
    child.on('message', (message) => {
      const reply = message as SpawnerReply;
      settle(reply.id, ({ resolve, reject }) =>
        'output' in reply ? resolve(reply.output) : reject(new Error(reply.error)),
      );
    });
    const gone = () => {
      if (helper !== child) return;
      helper = null;
      for (const id of [...pending.keys()]) settle(id, ({ resolve }) => resolve(LOST));
    };
    child.once('error', gone);
    child.once('exit', gone);
    return child;
  }

  return {
    run: (command, args, { signal, ...options }) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        helper ??= start();
        const { channel } = helper;
        channel?.ref();
        const abort = () => helper?.send({ id } satisfies SpawnerRequest, () => undefined);
        signal?.addEventListener('abort', abort, { once: true });
        const unwatch = () => signal?.removeEventListener('abort', abort);
        pending.set(id, {
          resolve: (output) => (unwatch(), resolve(output)),
          reject: (error) => (unwatch(), reject(error)),
        });
        // A send that fails is followed by the helper's end.
        helper.send({ id, run: { command, args, options } } satisfies SpawnerRequest, () => undefined);
      }),
    close() {
      helper?.disconnect();
      helper = null;
    },
  };
}
