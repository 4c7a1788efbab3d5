import { runProcess } from './process';
import type { ProcessOptions, ProcessOutput } from './process';

/** Runs a process to its end: see `runProcess`. */
export type Launch = (command: string, args: string[], options: ProcessOptions) => Promise<ProcessOutput>;

let current: Launch = runProcess;

/** How this process runs git's commands; by itself unless `launchWith` said otherwise. */
export const launch: Launch = (command, args, options) => current(command, args, options);

/** Has another launcher run all further commands; null for this process itself. */
export function launchWith(launcher: Launch | null): void {
  current = launcher ?? runProcess;
}
