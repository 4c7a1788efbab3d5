import type { Command } from 'commander';
import { listEpics } from '../../db/plan/plan-load';
import { addAction, EVENTS_AS_JSON, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProjectAndServices } from '../cli/with-project';
import type { ExitCode } from '../cli/exit';
import { followRun } from '../follow/follow-run';
import { leaveRunning } from '../follow/leave-running';
import { requireEpics } from '../cli/known-epics';
import { runInput, withoutEffect, type RunFlags } from '../cli/run-fields';
import { RUN_OPTIONS } from '../cli/run-options';
import { startSession } from '../session/session';

interface RunOptions extends RunFlags, ReadingOptions {
  detach?: boolean;
}

export function addRun(program: Command, cli: Cli): void {
  addAction(program, cli, run, {
    usage: 'run',
    summary: 'run the plan of a project, or follow the session that is open',
    example: 'run --project my-app --parallel --max-concurrency 4',
    options: [
      PROJECT_OPTION,
      ...RUN_OPTIONS,
      ['--detach', 'start it and return once it has begun'],
      EVENTS_AS_JSON,
    ],
  });
}

async function run(cli: Cli, options: RunOptions): Promise<ExitCode> {
  const { context } = cli;
  const input = runInput(options, options.project);
  const idle = withoutEffect(input);
  return withProjectAndServices(cli, options, async (connected, { id, name }) => {
    if (input.epics) requireEpics('--epics', await listEpics(connected.db, id), input.epics);
    const session = await startSession(connected, { ...input, project: name });
    if (!session.started) {
      const goesOn = Object.keys(input).length > 0 ? ' with the options that it was started with' : '';
      context.note(`${name} has a session open already: it goes on${goesOn}`);
    }
    if (session.started && idle) context.note(idle);
    const show = options.detach ? leaveRunning : followRun;
    return show(cli, connected, session, options);
  });
}
