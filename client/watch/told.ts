import type { SessionEvent } from '../../domain/session/events';
import { epicsMerging } from '../session/merge-events';
import { pasteable, type Hint } from '../text/hint';
import { eventText, QUIET_EVENTS } from '../text/event-line';
import type { PlanNames } from '../text/plan-names';
import { clock } from '../text/units';
import type { Told } from './compose';

const KEPT = 20;
const KEPT_NOTICES = 3;

/** Gathers from the events what the database's present state does not show. */
export function createTold(
  names: () => PlanNames,
  hint: Hint,
): Told & { take(event: SessionEvent): void; note(line: string): void } {
  const merging = new Set<number>();
  const recent: string[] = [];
  const notices: string[] = [];
  return {
    merging,
    recent,
    notices,
    take(event) {
      for (const epic of epicsMerging(event)) merging.add(epic);
      if (event.epic !== null && MERGED.includes(event.type)) merging.delete(event.epic);
      if (QUIET_EVENTS.includes(event.type)) return;
      recent.push(`${clock(event.at)}  ${pasteable(eventText(event, names()), hint)}`);
      if (recent.length > KEPT) recent.shift();
    },
    // With its time: nobody says when PostgreSQL, Temporal or a worker is back.
    note(line) {
      notices.push(`${clock(new Date().toISOString())}  ${pasteable(line, hint)}`);
      if (notices.length > KEPT_NOTICES) notices.shift();
    },
  };
}

const MERGED: readonly SessionEvent['type'][] = [
  'epic_merged',
  'epic_proposed',
  'merge_conflict',
  'attention_needed',
];
