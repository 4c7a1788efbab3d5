import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { GRACE_MS } from './time-limits';

export interface ProcessOptions {
  cwd: string;
  env: Record<string, string>;
  input?: string | Buffer;
  signal?: AbortSignal;
  timeLimitMs: number;
  /** How stdout and stderr become strings; `latin1` keeps every byte apart, for file names that are not UTF-8. */
  encoding: 'utf8' | 'latin1';
}

export interface ProcessOutput {
  /** null when a signal ended the process. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Why this module ended the process, if it did. */
  ended?: 'timeout' | 'abort';
}

/**
 * Starts a process in a group of its own, so that a Ctrl-C in the terminal does not tear git apart midway.
 * @throws Error when this process may open no more files
 */
export function startProcess(
  command: string,
  args: string[],
  { cwd, env }: Pick<ProcessOptions, 'cwd' | 'env'>,
) {
  const child = spawn(command, args, { cwd, env, detached: process.platform !== 'win32' });
  if ((child.stdin as unknown) !== undefined) return child;
  // Node has made no pipes, and tells why a moment later.
  child.once('error', () => undefined);
  throw new Error(`${command} cannot be started: this process may open no more files (ulimit -n)`);
}

/** Ends a process and its children: SIGTERM, and SIGKILL after three seconds. */
export function endChild(child: ChildProcess): void {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  // What it left running in a group of its own, as ssh does to share a connection, may hold its pipes for ever.
  const letGo = () => [child.stdout, child.stderr].forEach((pipe) => pipe?.destroy());
  if (hasEnded()) return letGo();
  const send = (signal: NodeJS.Signals) => {
    if (hasEnded() || child.pid === undefined) return;
    try {
      if (process.platform === 'win32') child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      child.kill(signal);
    }
  };
  send('SIGTERM');
  const timer = setTimeout(() => send('SIGKILL'), GRACE_MS);
  child.once('exit', letGo);
  child.once('close', () => clearTimeout(timer));
}

/** Calls `onEnd` once when the time is up or the signal fires; the returned function stops watching. */
export function watchLimits(
  limits: Pick<ProcessOptions, 'signal' | 'timeLimitMs'>,
  onEnd: (why: 'timeout' | 'abort') => void,
): () => void {
  const timer = setTimeout(() => onEnd('timeout'), limits.timeLimitMs);
  const onAbort = () => onEnd('abort');
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
  };
}

/** Runs a process to its end. Rejects only when it cannot be started, or prints more than 512 MB. */
export function runProcess(command: string, args: string[], options: ProcessOptions): Promise<ProcessOutput> {
  return new Promise((resolve, reject) => {
    const child = startProcess(command, args, options);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let ended: ProcessOutput['ended'];
    const unwatch = watchLimits(options, (why) => {
      ended ??= why;
      endChild(child);
    });
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A process that exits without reading its input makes the pipe fail; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => {
      unwatch();
      reject(error);
    });
    child.once('close', (exitCode) => {
      unwatch();
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString(options.encoding);
      try {
        resolve({ exitCode, stdout: text(stdout), stderr: text(stderr), ended });
      } catch {
        // Node has strings for no more.
        reject(new Error(`${command} ${args.join(' ').slice(0, 200)} printed more than 512 MB`));
      }
    });
    child.stdin.end(options.input ?? '');
  });
}
