import type { Command } from 'commander';
import { spent } from '../../db/cost/costs';
import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { findOpenSession } from '../../db/session/sessions';
import { getTask } from '../../db/task/tasks';
import { setBudgetUpdate, type BudgetInput } from '../../workflows/messages';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProjectAndServices } from '../cli/with-project';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { numberOf, usdAmount } from '../cli/numbers';
import { money } from '../text/units';
import { reply } from '../cli/reply';
import { nextRunLine } from '../status/run-line';
import { sendUpdate } from '../session/updates';

interface BudgetOptions extends ReadingOptions {
  task?: string;
  perTask?: boolean;
}

export function addBudget(program: Command, cli: Cli): void {
  addAction(program, cli, budget, {
    usage: 'budget <usd>',
    summary: 'what the open session may cost in all; what waited for money goes on',
    example: 'budget 5 --project my-app',
    options: [
      PROJECT_OPTION,
      ['--task <task>', 'for this task alone, all of its tries together'],
      ['--per-task', 'for each task that has no budget of its own'],
      JSON_OPTION,
    ],
  });
}

async function budget(cli: Cli, text: string, options: BudgetOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const usd = usdAmount('the budget', text);
  const task = options.task === undefined ? undefined : numberOf('--task', options.task);
  if (task !== undefined && options.perTask)
    throw new UsageError('--task and --per-task exclude each other: give one of them');
  return withProjectAndServices(cli, options, async ({ db, client }, project) => {
    const input = inputOf(usd, task, options.perTask);
    // A task's own budget is no option of a run.
    const given = task === undefined ? { [options.perTask ? 'taskBudgetUsd' : 'budgetUsd']: usd } : {};
    const whenClosed = `start one: ${await nextRunLine(db, project.name, hint, given)}`;
    await sendUpdate(
      client,
      { project: project.name, update: setBudgetUpdate, args: [input] },
      { hint, whenClosed },
    );
    const whose = task !== undefined ? `T${task}` : options.perTask ? 'each task' : 'the session';
    const spentUsd = options.perTask ? 0 : await spentSoFar(db, project, task);
    const rest =
      spentUsd < usd
        ? 'what waited for that goes on'
        : `but ${money(spentUsd)} is spent already, so no further turn is paid for`;
    reply(context, `${project.name}: ${whose} may cost ${money(usd)} in all; ${rest}`, options);
    return EXIT.ok;
  });
}

function inputOf(usd: number, task: number | undefined, perTask = false): BudgetInput {
  if (task !== undefined) return { task, budgetUsd: usd };
  return perTask ? { taskBudgetUsd: usd } : { budgetUsd: usd };
}

/** USD of the open session, or of a task in it; 0 where it has just ended. */
async function spentSoFar(db: Queryable, { id: projectId }: Project, task?: number): Promise<number> {
  const session = await findOpenSession(db, projectId);
  if (!session) return 0;
  if (task === undefined) return session.totalCostUsd;
  const { id: taskId } = await getTask(db, { projectId, task });
  return (await spent(db, { sessionId: session.id, taskId })).taskUsd;
}
