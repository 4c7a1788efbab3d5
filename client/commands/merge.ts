import type { Command } from 'commander';
import { listed } from '../../domain/listed';
import { isFinished } from '../../domain/model';
import { findEpic, loadPlan } from '../../db/plan/plan-load';
import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { getWorktree } from '../../db/worktree/worktrees';
import { latestSession } from '../../db/session/sessions';
import type { RunInput } from '../../domain/session/run-input';
import { retryMergeUpdate, SEQUENTIAL_LANE } from '../../workflows/messages';
import { addAction, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProjectAndServices } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { followRun } from '../follow/follow-run';
import { numberOf } from '../cli/numbers';
import { reply } from '../cli/reply';
import { nextRunLine } from '../status/run-line';
import { findOpenWorkflow, startSession } from '../session/session';
import { noOpenSession, sendUpdate, type UpdateRequest } from '../session/updates';

export function addMerge(program: Command, cli: Cli): void {
  addAction(program, cli, merge, {
    usage: 'merge <epic>',
    summary:
      'merge an epic whose tasks are done, for example after you resolved its conflict; or "sequential"',
    example: 'merge 2 --project my-app',
    options: [
      PROJECT_OPTION,
      ['--json', 'print JSON: the answer of the session that is open, else one event a line of the new one'],
    ],
  });
}

async function merge(cli: Cli, text: string, options: ReadingOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const epic = text === SEQUENTIAL_LANE ? text : numberOf('epic', text);
  return withProjectAndServices(cli, options, async (connected, project) => {
    const { db, client } = connected;
    if (epic !== SEQUENTIAL_LANE) await findEpic(db, project.id, epic);
    if (await findOpenWorkflow(client, project.name)) {
      const request: UpdateRequest = { project: project.name, update: retryMergeUpdate, args: [epic] };
      const whenClosed = `it ended just now: ${hint('merge', epic, '--project', project.name)}`;
      reply(context, await sendUpdate(client, request, { hint, whenClosed }), options);
      context.note(`Follow it: ${hint('watch', '--project', project.name)}`);
      return EXIT.ok;
    }
    if (epic === SEQUENTIAL_LANE)
      throw noOpenSession(
        project.name,
        `its next run merges it: ${await nextRunLine(db, project.name, hint)}`,
      );
    await requireDone(cli, db, project, epic);
    const session = await startSession(connected, await mergeInput(db, project, epic));
    if (!session.started)
      context.note(
        `${project.name} has begun a session meanwhile, which merges what is done: this follows it`,
      );
    return followRun(cli, connected, session, options);
  });
}

async function requireDone({ hint }: Cli, db: Queryable, project: Project, epic: number): Promise<void> {
  const plan = await loadPlan(db, project.id);
  const tasks = plan.epics.find(({ number }) => number === epic)?.tasks ?? [];
  const unfinished = tasks.filter(({ status }) => !isFinished(status));
  if (unfinished.length === 0) return;
  const names = unfinished.map(({ number, status }) => `T${number} (${status})`);
  const run = await nextRunLine(db, project.name, hint);
  throw new UsageError(`epic ${epic} is not done yet: ${listed(names, 10)}; first ${run}`);
}

/** As the latest session would have merged it; but a merge that is red ends it. */
async function mergeInput(db: Queryable, { id, name }: Project, epic: number): Promise<RunInput> {
  const latest = (await latestSession(db, name))?.options;
  const worktree = await getWorktree(db, { projectId: id, epic });
  // What has no worktree of its own was done in that of a sequential session, which lands as a whole.
  const parallel = latest?.parallel === true || (worktree !== null && worktree.status !== 'removed');
  return { ...latest, onFailure: 'continue', project: name, epics: [epic], parallel };
}
