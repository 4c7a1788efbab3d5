import { loadPlan, type StoredPlan } from '../../db/plan/plan-load';
import type { EventType } from '../../domain/session/events';
import { nothingToDo, proposedIn } from '../../domain/session/session-result';
import { getProject } from '../../db/project/projects';
import { getSession } from '../../db/session/sessions';
import type { Cli } from '../cli/command';
import type { Connected } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { followSession } from './follow';
import { newDays } from '../text/days';
import { pasteable } from '../text/hint';
import { eventLine, QUIET_EVENTS } from '../text/event-line';
import { planNames } from '../text/plan-names';
import { summaryText } from '../status/summary';
import { workflowLink } from '../text/web-ui';
import type { SessionRef } from '../session/session';
import { exitCodeOf, lostEpics, type SessionEnd } from '../session/session-end';
import { sessionView } from '../status/session-view';
import { settleEnded } from '../session/settle-ended';
import { startLiveView, type LiveView } from '../watch/live-view';

/**
 * Shows a session until it ends, and then what came of it: drawn where there is a screen, else a line for each event.
 * Ctrl-C detaches; the session goes on.
 */
export async function followRun(
  cli: Cli,
  connected: Connected,
  session: SessionRef,
  { json = false }: { json?: boolean } = {},
): Promise<ExitCode> {
  const { context, hint } = cli;
  const { id } = await getProject(connected.db, session.project);
  const plan = await loadPlan(connected.db, id);
  const screen = json ? undefined : context.screen?.();
  const show = json
    ? printJson(cli)
    : screen
      ? startLiveView(cli, connected, screen, plan)
      : printLines(cli, connected, plan);
  let worked = false;
  const { end, sessionId } = await context
    .interruptible((signal) =>
      followSession(connected, session, {
        signal,
        onNotice: (line) => show.onNotice(pasteable(line, hint)),
        onEvent(event) {
          worked ||= WORK.includes(event.type);
          return show.onEvent(event);
        },
      }),
    )
    .catch((error: unknown) => {
      show.stop('stays');
      throw error;
    });
  show.stop(end.kind === 'detached' ? 'stays' : 'goes');
  if (end.kind === 'detached') {
    context.note(`\nThe session goes on. Follow it again: ${hint('watch', '--project', session.project)}`);
    return EXIT.detached;
  }
  return tellEnd(cli, connected, session, { end, sessionId, worked, json });
}

type Ended = Exclude<SessionEnd, { kind: 'detached' }>;

/** Says what came of a session that has ended. @throws UsageError where it was refused */
export async function tellEnd(
  cli: Cli,
  connected: Connected,
  session: SessionRef,
  { end, sessionId, worked, json }: { end: Ended; sessionId: number | null; worked: boolean; json: boolean },
): Promise<ExitCode> {
  const { context } = cli;
  if (end.kind === 'refused') throw new UsageError(end.message);
  if (end.kind === 'complete' && !worked)
    context.note(end.result ? nothingToDo(end.result.tasks, proposedIn(end.result.epics)) : 'nothing to do');
  if (!json) await report(cli, connected, session, { end, sessionId });
  else if (end.kind !== 'complete') context.note(end.message.split('\n')[0]!);
  return exitCodeOf(end);
}

function printLines({ context, hint }: Cli, { db }: Connected, plan: StoredPlan): LiveView {
  let names = planNames(plan);
  const days = newDays();
  return printer(context, async (event) => {
    if (QUIET_EVENTS.includes(event.type)) return;
    // It joined the session after this began to watch.
    if (!names.knows(event)) names = await loadPlan(db, plan.project.id).then(planNames, () => names);
    for (const day of days(event.at)) context.print(context.colours.dim(day));
    context.print(pasteable(eventLine(event, names, context.colours), hint));
  });
}

const printJson = ({ context }: Cli) => printer(context, (event) => context.print(JSON.stringify(event)));

function printer({ note }: Cli['context'], onEvent: LiveView['onEvent']): LiveView {
  return { onEvent, onNotice: note, stop: () => undefined };
}

const WORK: readonly EventType[] = ['task_started', 'merge_started', 'epic_merged', 'epic_proposed'];

async function report(
  { context, hint }: Cli,
  { db, endpoints }: Connected,
  { workflowId, runId }: SessionRef,
  { end, sessionId }: { end: Ended; sessionId: number | null },
): Promise<void> {
  const link = workflowLink(endpoints.temporal, workflowId, runId);
  if (end.kind === 'failed') context.note(end.message);
  if (sessionId === null) {
    if (end.kind === 'cancelled') context.note(end.message);
    if (link) context.print(`Web UI: ${link}`);
    return;
  }
  if (end.kind === 'failed') await settleEnded(db, endpoints.temporal, await getSession(db, sessionId));
  const lost = lostEpics('result' in end ? end.result : null);
  const { summary, steps, unlanded } = await sessionView(db, sessionId, hint, lost);
  const view = { summary, steps, lost, unlanded, link, colours: context.colours };
  context.print(`\n${summaryText(view)}`);
  const notes = 'result' in end ? (end.result?.notes ?? []) : [];
  for (const note of notes.filter((one) => !one.startsWith('nothing to do')))
    context.print(`Note: ${pasteable(note, hint)}`);
}
