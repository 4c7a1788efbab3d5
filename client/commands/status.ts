import type { Command } from 'commander';
import { loadPlan } from '../../db/plan/plan-load';
import { latestSession } from '../../db/session/sessions';
import { closedResult } from '../session/closed-result';
import { addAction, JSON_OPTION, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { EXIT, type ExitCode } from '../cli/exit';
import { liveStatus } from '../status/live-status';
import { liveText, silenceText } from '../status/live-text';
import { pausedSteps } from '../status/paused-steps';
import { planText } from '../plan/plan-text';
import { stuckSteps } from '../status/stuck-steps';
import { summaryText } from '../status/summary';
import { workflowLink } from '../text/web-ui';
import { lostEpics } from '../session/session-end';
import { pasteable } from '../text/hint';
import { waitingSteps } from '../status/waiting-steps';
import { sessionView } from '../status/session-view';
import { settleEnded } from '../session/settle-ended';
import { hasUnrecordedSession } from '../session/unrecorded-session';
import { workerPresence } from '../session/worker-presence';

export function addStatus(program: Command, cli: Cli): void {
  addAction(program, cli, status, {
    usage: 'status',
    summary: 'how the latest session stands, and what to do next; needs no worker',
    example: 'status --project my-app',
    options: [PROJECT_OPTION, JSON_OPTION],
  });
}

/** Tells of the latest session, or of the plan where there is none. `oneLine`: JSON among other lines of JSON. */
export async function status(
  cli: Cli,
  options: ReadingOptions,
  { oneLine = false }: { oneLine?: boolean } = {},
): Promise<ExitCode> {
  const { context, hint } = cli;
  return withProject(cli, options, async (db, project, { temporal }) => {
    const latest = await latestSession(db, project.name);
    const session = latest && (await settleEnded(db, temporal, latest));
    const starting =
      session?.endedAt !== null && (await hasUnrecordedSession(temporal, project.name, session));
    const follow = hint('watch', '--project', project.name);
    if (starting) context.note(`A session is started, and no worker has put it on record yet: ${follow}`);
    if (!session) {
      const plan = await loadPlan(db, project.id);
      const next = starting ? follow : hint('run', '--project', project.name, '--parallel');
      if (options.json)
        context.print(JSON.stringify({ project: project.name, session: null, starting, next }));
      else context.print(`${planText(plan)}${starting ? '' : `\n\nNo session yet. Start one: ${next}`}`);
      return EXIT.ok;
    }
    const lost = session.status === 'incomplete' ? lostEpics(await closedResult(temporal, session)) : [];
    const { summary, steps, unlanded } = await sessionView(db, session.id, hint, lost);
    const atWork = summary.epics.filter(({ tasks }) => tasks.some(({ status: is }) => is === 'running'));
    const epics = session.options.parallel === true ? atWork.map(({ number }) => number) : [null];
    const answer = session.endedAt === null ? await liveStatus(temporal, project.name, epics) : null;
    const { view: live = null, doing: actions, retries = [], paused = [], stuck = [] } = answer ?? {};
    const waits = waitingSteps(retries);
    steps.push(...waits.map((step) => ({ ...step, problem: pasteable(step.problem, hint) })));
    steps.push(...pausedSteps(paused, hint), ...stuckSteps(stuck, session, hint));
    const doing = Object.fromEntries(actions ?? []);
    // One that is paused in Temporal answers nothing, whatever the worker does.
    const asks =
      session.endedAt === null && !paused.some(({ workflowId }) => workflowId === session.workflowId);
    const worker = asks && !live ? await workerPresence(context.env, temporal) : null;
    const link = workflowLink(temporal, session.workflowId, session.runId);
    if (options.json) {
      context.print(
        JSON.stringify(
          { project: project.name, ...summary, starting, lost, steps, live, doing, worker, link },
          null,
          oneLine ? undefined : 2,
        ),
      );
      return EXIT.ok;
    }
    context.print(summaryText({ summary, steps, lost, unlanded, link, colours: context.colours }));
    if (live) context.print(`\n${liveText(live, actions)}`);
    if (worker) context.print(`\n${silenceText(worker, hint)}`);
    return EXIT.ok;
  });
}
