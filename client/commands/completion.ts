import type { Command } from 'commander';
import { addCommand, type Cli } from '../cli/command';
import { completionScript } from '../completion/scripts';
import { SHELLS } from '../completion/values';
import { commandWords } from '../completion/words';
import { UsageError } from '../cli/exit';

export function addCompletion(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'completion <shell>',
    summary: 'a script that completes commands, options and their values, for bash, zsh or fish',
    example: 'completion bash',
  }).action((name: string) => {
    const shell = SHELLS.find((known) => known === name);
    if (!shell) throw new UsageError(`the shell must be one of ${SHELLS.join(', ')}, got "${name}"`);
    cli.context.print(completionScript(shell, commandWords(program)));
  });
}
