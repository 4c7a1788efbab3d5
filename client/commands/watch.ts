import type { Command } from 'commander';
import { chooseProject } from '../cli/choose-project';
import { addCommand, exitWith, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withServices } from '../cli/connect';
import type { ExitCode } from '../cli/exit';
import { followRun } from '../follow/follow-run';
import { findOpenWorkflow } from '../session/session';
import { status } from './status';

export function addWatch(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: 'watch',
    summary: 'follow the session that is open, live; starts nothing',
    example: 'watch --project my-app',
  })
    .option(...PROJECT_OPTION)
    .option('--json', 'print one event a line, as JSON')
    .action(exitWith(cli, (options: ReadingOptions) => watch(cli, options)));
}

/** Without an open session there is only the last one to tell of. */
async function watch(cli: Cli, options: ReadingOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const followed = await withServices(
    context,
    async (connected) => {
      const { name } = await chooseProject(connected.db, options.project, hint);
      const session = await findOpenWorkflow(connected.client, name);
      if (session) return followRun(cli, connected, session, options);
      context.note(`${name} has no session open. Start one: ${hint('run', '--project', name)}`);
      return null;
    },
    { worker: 'welcome' },
  );
  return followed ?? status(cli, options, { oneLine: true });
}
