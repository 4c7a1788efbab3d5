import { access } from 'node:fs/promises';
import path from 'node:path';
import { nameOf, type ProcessIdentity } from '../../processes/identity';
import { readState, type ProgramName, type ServicesState, writeState } from './state';

/** Keeps services.json in step with what happens; writes follow one another. */
export interface Reporter {
  state: ServicesState;
  say(line: string): void;
  /** @param process null: it cannot be started */
  started(name: ProgramName, process: ProcessIdentity | null, failures: number): Promise<void>;
  /** The program runs: its failures are past. */
  settled(name: ProgramName): Promise<void>;
  update(change: Partial<ServicesState>): Promise<void>;
  /** Finds out whether the home is lost. Without its services.json nobody would find this supervisor: it is written again. */
  look(): Promise<void>;
  /** Aborts when the home is gone, or another supervisor has it: from then on nothing is written there. */
  lost: AbortSignal;
}

export function createReporter(file: string, state: ServicesState): Reporter {
  const loss = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const holder = async () => {
    const there = await readState(file);
    return there && nameOf(there.supervisor);
  };
  const isOthers = async () => ![null, nameOf(state.supervisor)].includes(await holder());
  const write = () => {
    const snapshot = structuredClone(state);
    // Services go on when their state cannot be written: the next change writes all of it.
    last = last
      .then(async () => {
        if (await isOthers()) loss.abort();
        if (!loss.signal.aborted) await writeState(file, snapshot);
      })
      .catch((error: unknown) => console.error(error));
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
      const others = state.programs.filter((program) => program.name !== name);
      state.programs = process ? [...others, { name, ...process }] : others;
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
    async look() {
      if (await isGone(path.dirname(file))) loss.abort();
      else if ((await holder()) !== nameOf(state.supervisor)) await write();
    },
    lost: loss.signal,
  };
}

const isGone = (folder: string): Promise<boolean> =>
  access(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
