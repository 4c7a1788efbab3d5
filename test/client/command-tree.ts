import type { Command } from 'commander';
import pc from 'picocolors';
import { createCli } from '../../client/cli/command';
import { buildProgram } from '../../client/program';

/** All commands of the CLI, to look at: none of them can be run. */
export function commandTree(): Command {
  const context = { env: {}, cwd: '/', colours: pc.createColors(false), print: () => undefined };
  return buildProgram(
    createCli({
      ...{ ...context, note: () => undefined, services: () => Promise.reject(new Error('none')) },
      interruptible: (work) => work(new AbortController().signal),
    }),
  );
}
