import type { ServicesState, ProgramName } from './state';
import { writeState } from './state';
import type { ProcessIdentity } from '../../processes/identity';

/** Keeps services.json in step with what happens; writes follow one another. */
export interface Reporter {
  state: ServicesState;
  say(line: string): void;
  started(name: ProgramName, process: ProcessIdentity, failures: number): Promise<void>;
  /** The program runs: its failures are past. */
  settled(name: ProgramName): Promise<void>;
  update(change: Partial<ServicesState>): Promise<void>;
}

export function createReporter(file: string, state: ServicesState): Reporter {
  let last: Promise<void> = Promise.resolve();
  const write = () => {
    const snapshot = structuredClone(state);
    // Services go on when their state cannot be written: the next change writes all of it.
    last = last.then(() => writeState(file, snapshot)).catch((error: unknown) => console.error(error));
    return last;
  };
  return {
    state,
    say(line) {
      console.log(line);
      state.progress.push(line);
      void write();
    },
    started(name, process, failures) {
      state.programs = [...state.programs.filter((program) => program.name !== name), { name, ...process }];
      state.failures[name] = failures;
      return write();
    },
    settled(name) {
      state.failures[name] = 0;
      return write();
    },
    update(change) {
      Object.assign(state, change);
      return write();
    },
  };
}
