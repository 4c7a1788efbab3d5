import type { Command } from 'commander';
import { valuesOfArgument, valuesOfOption, type Values } from './values';

/** A command with what can follow it. */
export interface CommandWords {
  /** The words that lead to it, such as `plan import`; empty for the program. */
  path: string;
  commands: { name: string; summary: string }[];
  /** Those that take no value have none. */
  options: { flag: string; summary: string; values: Values | null }[];
  arguments: Values;
}

/** Every command of a program, itself first. */
export function commandWords(command: Command, path: readonly string[] = []): CommandWords[] {
  const values = command.registeredArguments.map(valuesOfArgument);
  const words: CommandWords = {
    path: path.join(' '),
    commands: command.commands.map((each) => ({ name: each.name(), summary: each.description() })),
    options: [
      ...command.options.map((option) => ({
        flag: option.long ?? option.short ?? '',
        summary: option.description,
        values: option.required || option.optional ? valuesOfOption(option, path.join(' ')) : null,
      })),
      { flag: '--help', summary: 'show what it does', values: null },
    ],
    arguments: {
      choices: values.flatMap(({ choices }) => choices),
      files: values.some(({ files }) => files),
    },
  };
  return [words, ...command.commands.flatMap((each) => commandWords(each, [...path, each.name()]))];
}
