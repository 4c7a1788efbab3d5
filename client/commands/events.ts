import type { Command } from 'commander';
import type { Database } from '../../db/connection/connection';
import { listEvents } from '../../db/events/events';
import { followEvents } from '../../db/events/follow-events';
import { loadPlan } from '../../db/plan/plan-load';
import type { Session } from '../../db/session/sessions';
import type { SessionEvent } from '../../domain/session/events';
import { aborted } from '../cli/aborted';
import { sessionOf } from '../cli/choose-session';
import { addAction, EVENTS_AS_JSON, PROJECT_OPTION, type Cli, type ReadingOptions } from '../cli/command';
import { withProject } from '../cli/with-project';
import { tryingAgain } from '../follow/follow';
import { whileSettling } from '../session/settle-watch';
import type { WorkerPresence } from '../session/worker-presence';
import { silenceText } from '../status/live-text';
import { EXIT, type ExitCode } from '../cli/exit';
import { wholeNumber } from '../cli/numbers';
import { newDays } from '../text/days';
import { pasteable } from '../text/hint';
import { eventLine } from '../text/event-line';
import { planNames } from '../text/plan-names';

interface EventsOptions extends ReadingOptions {
  follow?: boolean;
  after?: string;
  session?: string;
}

const PAGE = 500;

export function addEvents(program: Command, cli: Cli): void {
  addAction(program, cli, events, {
    usage: 'events',
    summary: 'what happened in a session, the latest unless told otherwise',
    example: 'events --project my-app --follow',
    options: [
      PROJECT_OPTION,
      ['--session <n>', 'of this session'],
      ['--follow', 'go on until the session ends'],
      ['--after <n>', 'only what came after the event with this number'],
      EVENTS_AS_JSON,
    ],
  });
}

async function events(cli: Cli, options: EventsOptions): Promise<ExitCode> {
  const { context, hint } = cli;
  const after = options.after === undefined ? 0 : wholeNumber('--after', options.after, 0);
  const only = options.session === undefined ? undefined : wholeNumber('--session', options.session);
  return withProject(cli, options, async (db, project, { temporal }) => {
    const session = await sessionOf(db, project, { only, hint });
    const names = planNames(await loadPlan(db, project.id));
    const days = newDays();
    const show = (event: SessionEvent) => {
      if (options.json) return context.print(JSON.stringify(event));
      for (const day of days(event.at)) context.print(context.colours.dim(day));
      context.print(pasteable(eventLine(event, names, context.colours), hint));
    };
    const follow = options.follow === true && session.endedAt === null;
    if (!follow) return printAll(db, session.id, after, show);
    const { env, note } = context;
    const onNoWorker = (worker: WorkerPresence) => note(silenceText(worker, hint));
    const again = (last: number) =>
      hint(
        'events',
        '--project',
        project.name,
        '--follow',
        '--after',
        last,
        ...(options.json ? ['--json'] : []),
      );
    return whileSettling({ db, temporal, sessionId: session.id, env, onNoWorker }, () =>
      context.interruptible((signal) => printUntilEnd(db, { session, after, show, note, again, signal })),
    );
  });
}

async function printAll(
  db: Database,
  sessionId: number,
  from: number,
  show: (event: SessionEvent) => void,
): Promise<ExitCode> {
  for (let after: number | null = from; after !== null;) {
    const page: SessionEvent[] = await listEvents(db, { sessionId, after, limit: PAGE });
    page.forEach(show);
    after = page.length === PAGE ? page.at(-1)!.seq : null;
  }
  return EXIT.ok;
}

interface Following {
  session: Session;
  after: number;
  show: (event: SessionEvent) => void;
  note: (line: string) => void;
  /** The command that goes on after this event. */
  again: (last: number) => string;
  signal: AbortSignal;
}

async function printUntilEnd(
  db: Database,
  { session, after, show, note, again, signal }: Following,
): Promise<ExitCode> {
  const over = new AbortController();
  let away = false;
  let last = after;
  const followed = followEvents(db, {
    sessionId: session.id,
    // A session that ends before it has so many events has to be seen to end.
    after: Math.min(after, session.lastEventSeq),
    signal: AbortSignal.any([signal, over.signal]),
    onConnect: () => void (away = false),
    onDisconnect(error) {
      if (!away) note(tryingAgain(error));
      away = true;
    },
    onEvent(event) {
      if (event.seq > after) show(event);
      last = Math.max(last, event.seq);
      if (event.type === 'session_complete') over.abort();
    },
  });
  await Promise.race([followed, aborted(signal)]);
  if (!signal.aborted) return EXIT.ok;
  note(`\nThe session goes on. Follow it again: ${again(last)}`);
  return EXIT.detached;
}
