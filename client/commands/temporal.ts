import type { Command } from 'commander';
import { temporalCommand } from '../../services';
import { addAction, type Cli } from '../cli/command';
import { runInForeground } from '../cli/foreground';

export function addTemporal(program: Command, cli: Cli): void {
  const definition = {
    usage: 'temporal [args...]',
    summary: 'the Temporal CLI, with the address of the server in use',
    example: 'temporal -- workflow list',
  };
  addAction(program, cli, temporal, definition).allowUnknownOption().passThroughOptions();
}

async function temporal({ context }: Cli, args: string[]): Promise<number> {
  await context.services({ worker: 'welcome' });
  const { file, env } = await temporalCommand(context.env, (line) => context.note(line));
  return runInForeground(file, args, { env, cwd: context.cwd });
}
