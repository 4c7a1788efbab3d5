import type { Command } from 'commander';
import { addAction, EVENTS_AS_JSON, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProjectAndServices } from '../cli/with-project';
import type { ExitCode } from '../cli/exit';
import { followRun } from '../follow/follow-run';
import { findOpenWorkflow } from '../session/session';
import { nextRunLine } from '../status/run-line';
import { status } from './status';

export function addWatch(program: Command, cli: Cli): void {
  addAction(program, cli, watch, {
    usage: 'watch',
    summary: 'follow the session that is open, live; starts nothing',
    example: 'watch --project my-app',
    options: [PROJECT_OPTION, EVENTS_AS_JSON],
  });
}

/** Without an open session there is only the last one to tell of. */
async function watch(cli: Cli, options: ReadingOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const followed = await withProjectAndServices(
    cli,
    options,
    async (connected, { name }) => {
      const session = await findOpenWorkflow(connected.client, name);
      if (session) return followRun(cli, connected, session, options);
      context.note(`${name} has no session open. Start one: ${await nextRunLine(connected.db, name, hint)}`);
      return null;
    },
    { worker: 'welcome' },
  );
  return followed ?? status(cli, options, { oneLine: true });
}
