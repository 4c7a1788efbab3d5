import type { Command } from 'commander';
import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { storeRetryRequest } from '../../db/task/retry-request';
import { getTask } from '../../db/task/tasks';
import { parseRetryRequest, type RetryRequest } from '../../domain/session/retry-request';
import { retryTaskUpdate } from '../../workflows/messages';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProjectAndServices } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { numberOf } from '../cli/numbers';
import { nextRunLine } from '../status/run-line';
import { reply } from '../cli/reply';
import { findOpenWorkflow } from '../session/session';
import { sendUpdate } from '../session/updates';

interface RetryOptions extends ReadingOptions {
  instructions?: string;
  model?: string;
}

export function addRetry(program: Command, cli: Cli): void {
  const told = ['--instructions', 'Keep the old API'];
  addAction(program, cli, retry, {
    usage: 'retry <task>',
    summary: 'try a failed task again, with other instructions and another model if you like',
    example: ['retry', '7', ...told, '--model', 'opus', '--project', 'my-app'],
    options: [
      PROJECT_OPTION,
      ['--instructions <text>', 'what to do differently; goes into the prompt of every further try'],
      ['--model <name>', 'the model of every further try: haiku, sonnet, opus, auto, or a full id'],
      JSON_OPTION,
    ],
  });
}

async function retry(cli: Cli, text: string, options: RetryOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const { instructions, model } = options;
  const parsed = parseRetryRequest({ task: numberOf('task', text), instructions, model });
  if (!parsed.ok) throw new UsageError(`--${parsed.message.replace(': ', ' ')}`);
  const { request } = parsed;
  const asksMore = instructions !== undefined || model !== undefined;
  return withProjectAndServices(cli, options, async ({ db, client }, project) => {
    const { status } = await getTask(db, { projectId: project.id, task: request.task });
    if (status === 'complete')
      throw new UsageError(`T${request.task} is complete: finished work is not done again`);
    if (status === 'skipped')
      throw new UsageError(
        `T${request.task} was skipped and counts as done: to have it done after all, make it a new task: ${hint('task', 'add', '--help')}`,
      );
    const run = await nextRunLine(db, project.name, hint);
    if (asksMore && !(await findOpenWorkflow(client, project.name))) {
      await keep(db, project, request);
      reply(context, `T${request.task}: kept for its next try. Start it: ${run}`, options);
      return EXIT.ok;
    }
    const whenClosed = `just run it again, failed tasks are tried again: ${run}`;
    const answer = await keptInDatabase(db, project, request, (rest) =>
      sendUpdate(
        client,
        { project: project.name, update: retryTaskUpdate, args: [rest] },
        { hint, whenClosed },
      ),
    );
    reply(context, answer, options);
    return EXIT.ok;
  });
}

/** The text goes straight to where it is kept, and so never into Temporal's history; a refused retry leaves no trace. */
async function keptInDatabase(
  db: Queryable,
  { id: projectId }: Project,
  { instructions, ...rest }: RetryRequest,
  send: (request: RetryRequest) => Promise<string>,
): Promise<string> {
  if (instructions === undefined) return send(rest);
  const { task } = rest;
  const before = (await getTask(db, { projectId, task })).retryInstructions ?? '';
  await storeRetryRequest(db, { projectId, task, instructions });
  try {
    return await send(rest);
  } catch (error) {
    // Where nobody answered, the retry may be done yet.
    if (!(error instanceof UsageError)) throw error;
    await storeRetryRequest(db, { projectId, task, instructions: before });
    throw new UsageError(`${error.message}; its instructions stay as they were`);
  }
}

/** Without a session there is nothing to retry yet, but what the person asks for need not be typed again. */
async function keep(db: Queryable, { id: projectId }: Project, request: RetryRequest): Promise<void> {
  await storeRetryRequest(db, { projectId, ...request });
}
