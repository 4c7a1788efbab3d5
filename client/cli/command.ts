import type { Command } from 'commander';
import type { CliContext } from './context';
import { EXIT } from './exit';
import { hintFor, pasteable, type Hint } from '../text/hint';

/** What the commands are built with: their context, and where their exit code goes. */
export interface Cli {
  context: CliContext;
  hint: Hint;
  exitCode: number;
}

export function createCli(context: CliContext): Cli {
  const hint = hintFor(context.env);
  const note = (text: string) => context.note(pasteable(text, hint));
  return { context: { ...context, note }, hint, exitCode: EXIT.ok };
}

/** A subcommand with its help and an example; `example` is what follows `yokeflow`. */
export function addCommand(
  parent: Command,
  { hint }: Cli,
  { usage, summary, example }: { usage: string; summary: string; example: string | string[] },
): Command {
  const line = hint(...(typeof example === 'string' ? example.split(' ') : example));
  return parent.command(usage).description(summary).addHelpText('after', `\nExample:\n  ${line}\n`);
}

/** An action whose exit code becomes the program's. */
export function exitWith<A extends unknown[]>(cli: Cli, work: (...args: A) => Promise<number>) {
  return async (...args: A): Promise<void> => {
    cli.exitCode = await work(...args);
  };
}

export const PROJECT_OPTION = [
  '--project <name>',
  'the project; not needed where there is only one',
] as const;
export const JSON_OPTION = ['--json', 'print JSON'] as const;

export interface ProjectOption {
  project?: string;
}

export interface ReadingOptions extends ProjectOption {
  json?: boolean;
}
