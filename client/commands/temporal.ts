import type { Command } from 'commander';
import { temporalCommand } from '../../services';
import { addCommand, exitWith, type Cli } from '../cli/command';
import { runInForeground } from '../cli/foreground';

export function addTemporal(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'temporal [args...]',
    summary: 'the Temporal CLI, with the address of the server in use',
    example: 'temporal -- workflow list',
  })
    .allowUnknownOption()
    .passThroughOptions()
    .action(exitWith(cli, (args: string[]) => temporal(cli, args)));
}

async function temporal({ context }: Cli, args: string[]): Promise<number> {
  await context.services({ worker: 'welcome' });
  const { file, env } = await temporalCommand(context.env, (line) => context.note(line));
  return runInForeground(file, args, { env, cwd: context.cwd });
}
