import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { WORKER_STOPS_WITHIN_MS } from '../../services/supervision/stop-times';
import { CommandFailed } from './exit';

export interface ForegroundOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Ends the program, which has as long as a worker. */
  stop?: AbortSignal;
}

/**
 * Runs a program in this terminal to its end and returns its exit code, 128 and the signal's number after a
 * signal. Ctrl-C reaches it through the terminal; a SIGTERM is passed on, and so is the terminal's end.
 */
export function runInForeground(
  file: string,
  args: readonly string[],
  { env, cwd, stop }: ForegroundOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, stdio: 'inherit' });
    const wait = () => undefined;
    const terminate = () => child.kill('SIGTERM');
    let late: NodeJS.Timeout | undefined;
    const end = () => {
      terminate();
      late = setTimeout(() => child.kill('SIGKILL'), WORKER_STOPS_WITHIN_MS);
    };
    process.on('SIGINT', wait).on('SIGTERM', terminate).on('SIGHUP', terminate);
    stop?.addEventListener('abort', end, { once: true });
    const done = () => {
      clearTimeout(late);
      stop?.removeEventListener('abort', end);
      process.off('SIGINT', wait).off('SIGTERM', terminate).off('SIGHUP', terminate);
    };
    child.on('error', (cause) => {
      done();
      reject(new CommandFailed(`${file} cannot be started: ${cause.message}; check that it is installed`));
    });
    child.on('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 1));
    });
  });
}
