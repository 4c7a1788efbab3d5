import type { Colors } from 'picocolors/types';
import type { Endpoints, WorkerWish } from '../../services';

/** A part of the terminal that is drawn again and again, below what was printed before. */
export interface Screen {
  /** Columns. */
  width(): number;
  /** Lines that a frame may have. */
  height(): number;
  draw(frame: string): void;
  /** Takes the frame away. */
  clear(): void;
  /** Leaves the frame where it is, and prints below it from now on. */
  leave(): void;
  /** Returns what ends the listening. */
  onResize(listener: () => void): () => void;
}

/** What a command gets of the world around it; tests pass their own. */
export interface CliContext {
  env: NodeJS.ProcessEnv;
  cwd: string;
  colours: Colors;
  /** One or several lines on stdout. */
  print: (text: string) => void;
  /** One or several lines on stderr: progress, warnings, errors. */
  note: (text: string) => void;
  /** Absent where no person looks: in a pipe, a log, a dumb terminal. */
  screen?(): Screen;
  /** Where the services are; those of ours are started if need be. */
  services(options: { worker: WorkerWish }): Promise<Endpoints>;
  /** Where the services are at this moment; null: they are not there. Starts nothing; absent where they never move. */
  servicesNow?: () => Promise<Endpoints | null>;
  /** Asks the person; absent where nobody is there to answer. */
  confirm?(question: string): Promise<boolean>;
  /** Runs `work` with a signal that aborts at the first Ctrl-C; the second one ends the process. */
  interruptible<T>(work: (interrupted: AbortSignal) => Promise<T>): Promise<T>;
}
