import type { Command } from 'commander';
import { chooseProject } from '../cli/choose-project';
import { addCommand, exitWith, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withServices } from '../cli/connect';
import type { ExitCode } from '../cli/exit';
import { followRun } from '../follow/follow-run';
import { leaveRunning } from '../follow/leave-running';
import { runInput, type RunFlags } from '../cli/run-fields';
import { addRunOptions } from '../cli/run-options';
import { startSession } from '../session/session';

interface RunOptions extends RunFlags, ReadingOptions {
  detach?: boolean;
}

export function addRun(program: Command, cli: Cli): void {
  const command = addCommand(program, cli, {
    usage: 'run',
    summary: 'run the plan of a project, or follow the session that is open',
    example: 'run --project my-app --parallel --max-concurrency 4',
  }).option(...PROJECT_OPTION);
  addRunOptions(command)
    .option('--detach', 'start it and return once it has begun')
    .option('--json', 'print one event a line, as JSON')
    .action(exitWith(cli, (options: RunOptions) => run(cli, options)));
}

async function run(cli: Cli, options: RunOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const input = runInput(options, options.project);
  return withServices(context, async (connected) => {
    const { name } = await chooseProject(connected.db, options.project, hint);
    const session = await startSession(connected, { ...input, project: name });
    if (!session.started) {
      const goesOn = Object.keys(input).length > 0 ? ' with the options that it was started with' : '';
      context.note(`${name} has a session open already: it goes on${goesOn}`);
    }
    const show = options.detach ? leaveRunning : followRun;
    return show(cli, connected, session, options);
  });
}
