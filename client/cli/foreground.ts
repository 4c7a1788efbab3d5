import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CommandFailed } from './exit';

/**
 * Runs a program in this terminal to its end and returns its exit code, 128 and the signal's number after a
 * signal. Ctrl-C reaches it through the terminal; a SIGTERM is passed on.
 */
export function runInForeground(
  file: string,
  args: readonly string[],
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, stdio: 'inherit' });
    const wait = () => undefined;
    const terminate = () => child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', terminate);
    const done = () => void process.off('SIGINT', wait).off('SIGTERM', terminate);
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
