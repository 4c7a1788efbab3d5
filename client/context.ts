import type { Colors } from 'picocolors/types';
import type { Endpoints } from '../services';

/** What a command gets of the world around it; tests pass their own. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  cwd: string;
  colours: Colors;
  /** One or several lines on stdout. */
  print(text: string): void;
  /** One or several lines on stderr: progress, warnings, errors. */
  note(text: string): void;
  /** Where the services are; those of ours are started if need be, with or without a worker. */
  services(options: { worker: boolean }): Promise<Endpoints>;
  /** Runs `work` with a signal that aborts at the first Ctrl-C; the second one ends the process. */
  interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T>;
}
