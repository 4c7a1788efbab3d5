import type { Command } from 'commander';
import path from 'node:path';
import { environmentFor, readSettings } from '../../services';
import { built } from '../../services/built';
import { addCommand, exitWith, type Cli } from '../cli/command';
import { runInForeground } from '../cli/foreground';

export function addWorker(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'worker',
    summary: 'run a worker in this terminal, beside the one in the background if there is one',
    example: 'worker',
  }).action(exitWith(cli, () => worker(cli)));
}

async function worker({ context }: Cli): Promise<number> {
  const { env } = context;
  const endpoints = await context.services({ worker: 'own' });
  const main = built(path.join('worker', 'main.js'));
  return runInForeground(process.execPath, [main], {
    env: environmentFor(env, readSettings(env), endpoints),
    cwd: context.cwd,
  });
}
