import { loadPlan } from '../db/plan-load';
import type { EventType } from '../domain/events';
import { nothingToDo } from '../domain/session-result';
import { getProject } from '../db/projects';
import type { Cli } from './command';
import type { Connected } from './connect';
import { EXIT, UsageError, type ExitCode } from './exit';
import { followSession } from './follow';
import { pasteable } from './hint';
import { eventLine, QUIET_EVENTS } from './output/event-line';
import { planNames } from './output/plan-names';
import { summaryText } from './output/summary';
import { workflowLink } from './output/web-ui';
import type { SessionRef } from './session';
import { exitCodeOf, lostEpics, type SessionEnd } from './session-end';
import { sessionView } from './session-view';

/** Prints a session's events until it ends, then what came of it. Ctrl-C detaches; the session goes on. */
export async function followRun(
  cli: Cli,
  connected: Connected,
  session: SessionRef,
  { json = false }: { json?: boolean } = {},
): Promise<ExitCode> {
  const { context, hint } = cli;
  const { id } = await getProject(connected.db, session.project);
  const names = planNames(await loadPlan(connected.db, id));
  let worked = false;
  const { end, sessionId } = await context.interruptible((signal) =>
    followSession(connected, session, {
      signal,
      onNotice: (line) => context.note(line),
      onEvent(event) {
        worked ||= WORK.includes(event.type);
        if (json) context.print(JSON.stringify(event));
        else if (!QUIET_EVENTS.includes(event.type))
          context.print(pasteable(eventLine(event, names, context.colours), hint));
      },
    }),
  );
  if (end.kind === 'refused') throw new UsageError(end.message);
  if (end.kind === 'detached') {
    context.note(`\nThe session goes on. Follow it again: ${hint('run', '--project', session.project)}`);
    return EXIT.detached;
  }
  if (end.kind === 'complete' && !worked)
    context.note(end.result ? nothingToDo(end.result.tasks) : 'nothing to do');
  if (!json) await report(cli, connected, session, { end, sessionId });
  else if (end.kind !== 'complete') context.note(end.message.split('\n')[0]!);
  return exitCodeOf(end);
}

const WORK: readonly EventType[] = ['task_started', 'merge_started', 'epic_merged'];

type Ended = Exclude<SessionEnd, { kind: 'detached' }>;

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
  const lost = lostEpics('result' in end ? end.result : null);
  const { summary, steps } = await sessionView(db, sessionId, hint, lost);
  context.print(`\n${summaryText({ summary, steps, lost, link, colours: context.colours })}`);
  const notes = 'result' in end ? (end.result?.notes ?? []) : [];
  for (const note of notes.filter((one) => !one.startsWith('nothing to do'))) context.print(`Note: ${note}`);
}
