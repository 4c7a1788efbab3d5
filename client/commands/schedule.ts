import type { Command } from 'commander';
import type { Client, ScheduleHandle } from '@temporalio/client';
import { listEpics } from '../../db/plan/plan-load';
import { getProject } from '../../db/project/projects';
import {
  addAction,
  addCommand,
  JSON_OPTION,
  PROJECT_OPTION,
  required,
  type Cli,
  type ReadingOptions,
} from '../cli/command';
import { withServices } from '../cli/connect';
import { requireEpics } from '../cli/known-epics';
import { withProjectAndServices } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { commandOf } from '../../domain/session/shell-command';
import { schedulesText } from '../schedule/schedule-text';
import { reply } from '../cli/reply';
import { runInput, withoutEffect, type RunFlags } from '../cli/run-fields';
import { RUN_OPTIONS } from '../cli/run-options';
import { checkTimes, plainCommand, type ScheduleDefinition } from '../schedule/definition';
import { DEFAULT_SCHEDULE, scheduleFlags, scheduleId } from '../schedule/schedule-id';
import { createSchedule, listSchedules, onSchedule } from '../schedule/schedules';
import { trigger } from '../schedule/trigger';
import type { Hint } from '../text/hint';
import { firstLine } from '../text/units';

interface NamedOptions extends ReadingOptions {
  name: string;
}

interface CreateOptions extends NamedOptions, RunFlags {
  cron: string;
  timeZone?: string;
  catchUp: string;
  pauseOnFailure?: boolean;
}

interface ReasonOptions extends NamedOptions {
  reason?: string;
}

const NAME_OPTION = ['--name <name>', 'which of the schedules of the project', DEFAULT_SCHEDULE] as const;
const REASON_OPTION = ['--reason <text>', 'shown by schedule list'] as const;

/** The commands about Temporal Schedules that start sessions. */
export function addSchedule(program: Command, cli: Cli): void {
  const schedule = addCommand(program, cli, {
    usage: 'schedule',
    summary: 'run plans at set times, such as every night',
    example: ['schedule', 'create', '--project', 'my-app', '--cron', '0 2 * * *', '--parallel'],
  });
  addCreate(schedule, cli);
  addAction(schedule, cli, list, {
    usage: 'list',
    summary: 'the schedules, their next runs, and what came of the latest ones',
    example: 'schedule list --project my-app',
    options: [['--project <name>', 'only those of this project'], JSON_OPTION],
  });
  addActions(schedule, cli);
}

function addCreate(schedule: Command, cli: Cli): void {
  addAction(schedule, cli, create, {
    usage: 'create',
    summary: 'run the plan of a project at set times',
    example: ['schedule', 'create', '--project', 'my-app', '--cron', '0 2 * * *', '--parallel'],
    options: [
      PROJECT_OPTION,
      required('--cron <expression>', 'minute, hour, day of month, month, day of week'),
      ['--time-zone <zone>', 'of the cron expression (default: that of this machine)'],
      NAME_OPTION,
      ['--catch-up <time>', 'how late a run may start that was missed', '1h'],
      ['--pause-on-failure', 'pause the schedule when a run did not land everything'],
      ...RUN_OPTIONS,
      JSON_OPTION,
    ],
  });
}

/** What one of the actions works on. */
interface Ordered {
  client: Client;
  handle: ScheduleHandle;
  project: string;
  reason: string | undefined;
  hint: Hint;
}

function addActions(schedule: Command, cli: Cli): void {
  const actions = [
    ['pause', 'start no further runs until it is resumed', pause],
    ['resume', 'go on after a pause', resume],
    ['trigger', 'start a run now, besides the times that are set', triggerNow],
    ['delete', 'remove it; a session that runs goes on', remove],
  ] as const satisfies [string, string, (ordered: Ordered) => Promise<string>][];
  for (const [usage, summary, work] of actions) {
    const isPause = usage === 'pause' || usage === 'resume';
    addAction(schedule, cli, (_, options: ReasonOptions) => act(cli, options, work), {
      usage,
      summary,
      example: `schedule ${usage} --project my-app`,
      options: [PROJECT_OPTION, NAME_OPTION, ...(isPause ? [REASON_OPTION] : []), JSON_OPTION],
    });
  }
}

async function act(
  cli: Cli,
  options: ReasonOptions,
  work: (ordered: Ordered) => Promise<string>,
): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProjectAndServices(cli, options, async ({ client }, { name: project }) => {
    const id = scheduleId(project, options.name);
    const { reason } = options;
    const done = await onSchedule(client, { id, project }, hint, (handle) =>
      work({ client, handle, project, reason, hint }),
    );
    reply(context, `${id} ${done}`, options);
    return EXIT.ok;
  });
}

/** A second pause has something to say only where it gives a reason. */
async function pause({ handle, reason }: Ordered): Promise<string> {
  const { paused, note } = (await handle.describe()).state;
  if (paused && reason === undefined) return `was paused already${note ? `: ${firstLine(note)}` : ''}`;
  await handle.pause(reason ?? 'by a person');
  return 'paused';
}

async function resume({ handle, reason }: Ordered): Promise<string> {
  if (!(await handle.describe()).state.paused) return 'was not paused';
  await handle.unpause(reason ?? 'by a person');
  return 'resumed';
}

async function triggerNow({ client, handle, project, hint }: Ordered): Promise<string> {
  await trigger(client, { handle, project, follow: hint('watch', '--project', project) });
  return 'triggered';
}

async function remove({ handle }: Ordered): Promise<string> {
  await handle.delete();
  return 'deleted';
}

async function create(cli: Cli, options: CreateOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const { cron, catchUp, pauseOnFailure = false } = options;
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const input = runInput(options, options.project);
  const times = { cron, timeZone, catchUp, pauseOnFailure };
  checkTimes({ id: scheduleId('p', options.name), ...times, input: { project: 'p' } });
  return withProjectAndServices(cli, options, async ({ db, client }, { id: projectId, name: project }) => {
    // A run of a schedule finds out at night, when nobody looks.
    requireEpics('--epics', await listEpics(db, projectId), input.epics ?? []);
    const id = scheduleId(project, options.name);
    const definition: ScheduleDefinition = { id, ...times, input: { project, ...input } };
    const flags = scheduleFlags(project, options.name);
    const view = await createSchedule(client, definition, hint('schedule', 'delete', ...flags));
    const idle = withoutEffect(input);
    if (idle) context.note(idle);
    const plain = commandOf(plainCommand(definition));
    if (options.json) context.print(JSON.stringify({ ...view, plain }));
    else {
      context.print(schedulesText([view], context.colours));
      context.print(`\nThe same with the Temporal CLI:\n  ${plain}`);
      context.print(`\nTry it now: ${hint('schedule', 'trigger', ...flags)}`);
    }
    return EXIT.ok;
  });
}

async function list({ context, hint }: Cli, { project, json }: ReadingOptions): Promise<ExitCode> {
  return withServices(context, async ({ client, db }) => {
    const schedules = await listSchedules(client, project);
    if (schedules.length === 0 && project !== undefined) await getProject(db, project);
    if (json) context.print(JSON.stringify(schedules));
    else if (schedules.length > 0) context.print(schedulesText(schedules, context.colours));
    else {
      const whose = project === undefined ? [] : ['--project', project];
      const create = hint('schedule', 'create', ...whose, '--cron', '0 2 * * *', '--parallel');
      context.print(`There is no schedule: ${create}`);
    }
    return EXIT.ok;
  });
}
