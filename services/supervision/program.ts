import type { ProgramName } from './state';

export interface Command {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** Something that the supervisor keeps running. */
export interface Program {
  name: ProgramName;
  command: Command;
  log: string;
  /** Makes way for it, before each start. */
  prepare?: () => Promise<void>;
  /** The ports that it listens at. */
  ports: number[];
  /** Whether it can be used; null for one of which only the process has to be there. */
  isReady: (() => Promise<boolean>) | null;
  /** Whether it says that it will be ready: then it may take longer than others. */
  isComing?: () => Promise<boolean>;
  stopSignal: NodeJS.Signals;
  /** Milliseconds that it has to end by itself. */
  stopWithinMs: number;
  /** The longest pause before it is started again. */
  longestPauseMs: number;
}
