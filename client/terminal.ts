import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import type { CliContext, Screen } from './cli/context';
import { interruptible } from './cli/interruptible';
import { hintFor, pasteable, startedThroughNpm } from './text/hint';
import { printable } from './text/harmless';

/** The context of a real terminal (or pipe). */
export function terminalContext(): CliContext {
  const { env } = process;
  const colours = pc.createColors(wantsColours(env, process.stdout.isTTY));
  const line = (text: string) => `${printable(text, colours.isColorSupported)}\n`;
  const note = (text: string) => void process.stderr.write(line(text));
  return {
    env,
    cwd: workingDirectory(env),
    colours,
    ...(isAttended(env) ? { screen: () => openScreen(colours.isColorSupported) } : {}),
    print: (text) => void process.stdout.write(line(text)),
    note,
    services({ worker }) {
      const { findServices } = require('../services') as typeof import('../services');
      return findServices({ env, worker, onProgress: (told) => note(pasteable(told, hintFor(env))) });
    },
    servicesNow() {
      const { peekServices } = require('../services') as typeof import('../services');
      return peekServices(env);
    },
    ...(process.stdin.isTTY && process.stdout.isTTY ? { confirm } : {}),
    interruptible,
  };
}

/** A shell may stand in a folder that is gone, such as the worktree of an epic that has landed. */
function workingDirectory(env: NodeJS.ProcessEnv): string {
  if (startedThroughNpm(env) && env.INIT_CWD !== undefined) return env.INIT_CWD;
  try {
    return process.cwd();
  } catch {
    process.chdir('/');
    return '/';
  }
}

function openScreen(coloured: boolean): Screen {
  const { terminalScreen } = require('./watch/terminal-screen') as typeof import('./watch/terminal-screen');
  return terminalScreen(process.stdout, coloured);
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-C and Ctrl-D are no yes, either.
    const answer = await terminal.question(question).catch(() => {
      process.stderr.write('\n');
      return '';
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** https://no-color.org, and FORCE_COLOR as chalk and Node understand it. */
function wantsColours(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}

/** CI systems keep what is printed as a log, also those that give it a terminal. */
function isAttended(env: NodeJS.ProcessEnv): boolean {
  return process.stdout.isTTY === true && env.TERM !== 'dumb' && !env.CI;
}
