import type { Attempt } from '../../db/task/attempts';
import type { SessionEvent } from '../../domain/session/events';
import { epicsMerging } from '../session/merge-events';
import { duration, firstLine } from '../text/units';
import { attemptAbout } from './attempt-about';
import type { ReportFacts } from './facts';
import type { Bar, BarState, Clock, Timeline } from './bars';
import { surroundings, waitsOf } from './waits';

/** What happened when, a lane for each epic that had a part in it. */
export function timeline(facts: ReportFacts): Timeline {
  const { session, epics } = facts.summary;
  const start = Date.parse(session.startedAt);
  const end = session.endedAt === null ? facts.now : Date.parse(session.endedAt);
  const totalMs = Math.max(end - start, 1);
  const clock = (iso: string | null) =>
    Math.min(Math.max(iso ? Date.parse(iso) - start : totalMs, 0), totalMs);
  const pauses = pausesOf(facts.events, clock);
  const bars = new Map<number, Bar[]>();
  const add = (epic: number, bar: Bar) => bars.set(epic, [...(bars.get(epic) ?? []), bar]);
  for (const attempt of facts.attempts) add(attempt.epic, attemptBar(attempt, facts, clock));
  for (const [epic, bar] of merges(facts.events, clock)) add(epic, bar);
  const around = surroundings(facts, pauses, clock);
  const lanes = epics
    .filter(({ number }) => bars.has(number))
    .map(({ number, name }) => {
      const own = bars.get(number)!.sort((a, b) => a.from - b.from);
      return { epic: number, name, bars: [...waitsOf(own, around), ...own] };
    });
  return { totalMs, lanes, pauses, idle: epics.filter(({ tasks }) => tasks.length).length - lanes.length };
}

const STATES: Record<Attempt['status'], BarState> = {
  complete: 'complete',
  failed: 'failed',
  cancelled: 'cancelled',
  abandoned: 'cancelled',
  running: 'running',
};

function attemptBar(attempt: Attempt, facts: ReportFacts, clock: Clock): Bar {
  const from = clock(attempt.startedAt);
  const merge = attempt.purpose === 'merge';
  return {
    from,
    to: Math.max(clock(attempt.endedAt), from),
    state: STATES[attempt.status],
    label: merge ? 'merge' : `T${attempt.task}`,
    about: attemptAbout(attempt, facts),
    task: merge ? null : attempt.task,
  };
}

const ENDS: Partial<Record<SessionEvent['type'], BarState>> = {
  epic_merged: 'merged',
  epic_proposed: 'merged',
  merge_conflict: 'conflict',
  attention_needed: 'conflict',
};

function* merges(events: readonly SessionEvent[], clock: Clock): Generator<[number, Bar]> {
  const begun = new Map<number, SessionEvent>();
  for (const event of events) {
    // A stack that was red is begun again in halves: the merge began with the first of them.
    const { epic, type, at } = event;
    for (const one of epicsMerging(event)) if (!begun.has(one)) begun.set(one, event);
    const state = ENDS[type];
    const start = epic === null ? undefined : begun.get(epic);
    if (epic === null || !state || !start) continue;
    begun.delete(epic);
    yield [epic, mergeBar(clock(start.at), clock(at), state, event)];
  }
  for (const [epic, start] of begun) yield [epic, mergeBar(clock(start.at), clock(null), 'merging', start)];
}

const OUTCOMES: Partial<Record<SessionEvent['type'], string>> = {
  epic_merged: 'merged in',
  epic_proposed: 'pull request opened in',
  merge_conflict: 'merge conflict after',
  attention_needed: 'not merged after',
};

function mergeBar(from: number, to: number, state: BarState, { type, data }: SessionEvent): Bar {
  const why = typeof data.reason === 'string' ? `: ${firstLine(data.reason)}` : '';
  const about = `${OUTCOMES[type] ?? 'merging for'} ${duration(to - from)}${why}`;
  return { from, to, state, label: '', about, task: null };
}

function pausesOf(events: readonly SessionEvent[], clock: Clock): Timeline['pauses'] {
  const pauses: Timeline['pauses'] = [];
  let open: SessionEvent | null = null;
  const close = (at: string | null) => {
    if (!open) return;
    const reason = typeof open.data.reason === 'string' ? firstLine(open.data.reason) : '';
    pauses.push({ from: clock(open.at), to: clock(at), reason });
    open = null;
  };
  for (const event of events) {
    if (event.type !== 'session_paused') continue;
    if (event.data.paused === false) close(event.at);
    else open ??= event;
  }
  close(null);
  return pauses;
}
