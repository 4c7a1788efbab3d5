import type { Command } from 'commander';
import { WorkflowNotFoundError } from '@temporalio/client';
import { getTask } from '../../db/task/tasks';
import {
  cancelTaskUpdate,
  pauseUpdate,
  resumeUpdate,
  skipTaskUpdate,
  statusQuery,
} from '../../workflows/messages';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import type { Connected } from '../cli/connect';
import type { CliContext } from '../cli/context';
import { withProjectAndServices } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import { nextRunLine } from '../status/run-line';
import { reply } from '../cli/reply';
import { findOpenWorkflow } from '../session/session';
import { sessionEnd, type SessionEnd } from '../session/session-end';
import { noOpenSession, sendUpdate, type UpdateRequest } from '../session/updates';
import { workerPresence, type WorkerPresence } from '../session/worker-presence';
import { addRetry } from './retry';

/** The commands that steer a session that is open. */
export function addSteering(program: Command, cli: Cli): void {
  const options = [PROJECT_OPTION, JSON_OPTION];
  for (const [usage, summary, update] of [
    ['pause', 'start no further tasks; what runs finishes', pauseUpdate],
    ['resume', 'go on after a pause', resumeUpdate],
  ] as const) {
    const work = (_: Cli, given: ReadingOptions) => steer(cli, given, { update, args: [] });
    addAction(program, cli, work, { usage, summary, example: `${usage} --project my-app`, options });
  }
  addRetry(program, cli);
  addAction(program, cli, skip, {
    usage: 'skip <task>',
    summary: 'count a task as done without doing it',
    example: 'skip 7 --project my-app',
    options,
  });
  addAction(program, cli, cancel, {
    usage: 'cancel [task]',
    summary: 'stop the open session, or one task of it; uncommitted work is kept',
    example: 'cancel --project my-app',
    options,
  });
}

const skip = async (cli: Cli, task: string, options: ReadingOptions): Promise<ExitCode> =>
  steer(cli, options, { update: skipTaskUpdate, args: [numberOf('task', task)] });

const cancel = async (cli: Cli, task: string | undefined, options: ReadingOptions): Promise<ExitCode> =>
  task === undefined
    ? cancelSession(cli, options)
    : steer(cli, options, { update: cancelTaskUpdate, args: [numberOf('task', task)] });

type Steering = Pick<UpdateRequest, 'update' | 'args'>;

async function steer(cli: Cli, options: ReadingOptions, { update, args }: Steering): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProjectAndServices(cli, options, async ({ db, client }, { id: projectId, name: project }) => {
    const [task] = args;
    if (typeof task === 'number') await getTask(db, { projectId, task });
    // One that ends as soon as all else has failed again leaves no time to skip anything.
    const whenClosed =
      update === skipTaskUpdate
        ? `start one that waits at what fails: ${await nextRunLine(db, project, hint, { onFailure: 'wait' })}`
        : `start one: ${await nextRunLine(db, project, hint)}`;
    reply(context, await sendUpdate(client, { project, update, args }, { hint, whenClosed }), options);
    return EXIT.ok;
  });
}

/** Agents get a while to end, and their work is put aside. */
const CANCELLED_WITHIN_MS = 60_000;
/** A worker answers within milliseconds. */
const ANSWER_WITHIN_MS = 3_000;
const WORKS: WorkerPresence['kind'][] = ['supervised', 'orphaned', 'polling'];

async function cancelSession(cli: Cli, options: ReadingOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProjectAndServices(cli, options, async (connected, { name }) => {
    const came = await requestCancel(connected, name, context);
    if (typeof came === 'object') {
      const message =
        came.kind === 'cancelled'
          ? `The session of ${name} is cancelled; what its agents had not committed is kept.`
          : `The session of ${name} has ended by itself (${came.kind}): ${hint('status', '--project', name)}`;
      reply(context, message, options);
      return EXIT.ok;
    }
    context.note(
      came === 'unheard'
        ? `no worker answers: ${name} is asked to stop, and does so as soon as one runs: ${hint('up')}, or ${hint('doctor')}`
        : `${name} is asked to stop and has not yet: see ${hint('status', '--project', name)}`,
    );
    return EXIT.incomplete;
  });
}

/** How it ended, within a minute. `unheard`: no worker is there to act on it. */
async function requestCancel(
  connected: Connected,
  project: string,
  { env, note: onNotice }: CliContext,
): Promise<Exclude<SessionEnd, { kind: 'detached' }> | 'goes on' | 'unheard'> {
  const { client, endpoints } = connected;
  const open = await findOpenWorkflow(client, project);
  if (!open) throw noOpenSession(project, 'there is nothing to cancel');
  await open.handle.cancel().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) throw noOpenSession(project, 'there is nothing to cancel');
    throw error;
  });
  const over = new AbortController();
  const patience = setTimeout(() => over.abort(), CANCELLED_WITHIN_MS);
  const heard = client
    .withDeadline(Date.now() + ANSWER_WITHIN_MS, () => open.handle.query(statusQuery))
    .then(
      () => true,
      // One that has just been started, or has much to do, takes its time.
      async () => WORKS.includes((await workerPresence(env, endpoints.temporal)).kind),
    );
  void heard.then((isThere) => isThere || over.abort());
  const end = await sessionEnd(connected, open, { signal: over.signal, onNotice });
  clearTimeout(patience);
  if (end.kind !== 'detached') return end;
  return (await heard) ? 'goes on' : 'unheard';
}
