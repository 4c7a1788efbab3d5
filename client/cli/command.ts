import { Option, type Command } from 'commander';
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

export interface CommandDefinition {
  usage: string;
  summary: string;
  /** What follows `yokeflow`. */
  example: string | string[];
  options?: readonly (CommandOption | Option)[];
}

/** Its flags, what it is for, and what it is where it is not given. */
export type CommandOption = readonly [flags: string, about: string, otherwise?: string];

/** One without which the command refuses to do anything. */
export const required = (flags: string, about: string): Option =>
  new Option(flags, about).makeOptionMandatory();

/** A subcommand with its help and an example. */
export function addCommand(
  parent: Command,
  { hint }: Cli,
  { usage, summary, example, options = [] }: CommandDefinition,
): Command {
  const line = hint(...(typeof example === 'string' ? example.split(' ') : example));
  const command = parent.command(usage).description(summary);
  command.addHelpText('after', `\nExample:\n  ${line}\n`);
  for (const option of options) {
    if (option instanceof Option) command.addOption(option);
    else command.option(...option);
  }
  return command;
}

/** One that does something with its arguments and options: the exit code of `work` becomes the program's. */
export function addAction<A extends unknown[]>(
  parent: Command,
  cli: Cli,
  work: (cli: Cli, ...given: A) => Promise<number>,
  definition: CommandDefinition,
): Command {
  return addCommand(parent, cli, definition).action(async (...given: unknown[]) => {
    // The last one is the command itself.
    cli.exitCode = await work(cli, ...(given.slice(0, -1) as A));
  });
}

export const PROJECT_OPTION = [
  '--project <name>',
  'the project; not needed where there is only one',
] as const;
export const JSON_OPTION = ['--json', 'print JSON'] as const;
export const EVENTS_AS_JSON = ['--json', 'print one event a line, as JSON'] as const;

export interface ProjectOption {
  project?: string;
}

export interface JsonOption {
  json?: boolean;
}

export interface ReadingOptions extends ProjectOption, JsonOption {}
