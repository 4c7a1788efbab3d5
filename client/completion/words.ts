import type { Command } from 'commander';

/** A command with what can follow it. */
export interface CommandWords {
  /** The words that lead to it, such as `plan import`; empty for the program. */
  path: string;
  commands: { name: string; summary: string }[];
  options: { flag: string; summary: string; takesValue: boolean }[];
  /** Takes a file as its argument. */
  files: boolean;
}

/** Every command of a program, itself first. */
export function commandWords(command: Command, path: readonly string[] = []): CommandWords[] {
  const words: CommandWords = {
    path: path.join(' '),
    commands: command.commands.map((each) => ({ name: each.name(), summary: each.description() })),
    options: [
      ...command.options.map(({ long, short, description, required, optional }) => ({
        flag: long ?? short ?? '',
        summary: description,
        takesValue: required || optional,
      })),
      { flag: '--help', summary: 'show what it does', takesValue: false },
    ],
    files: command.registeredArguments.some((argument) =>
      ['file', 'specification'].includes(argument.name()),
    ),
  };
  return [words, ...command.commands.flatMap((each) => commandWords(each, [...path, each.name()]))];
}
