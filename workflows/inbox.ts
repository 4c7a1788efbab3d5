import type { SchedulerEvent } from '../domain/scheduler';

/** What a session has yet to take in. Events that arrive early wait here, so that handlers can be registered at once. */
export interface Inbox {
  /** Something that has happened, or that is done whatever else has. */
  add(event: SchedulerEvent): void;
  /**
   * Something that a person asks for, and that may have become wrong since it was let in: what came before it is taken in
   * first, and may have started the task that is to be skipped.
   * @returns what `check` says when its turn comes
   * @throws what `check` throws; then nothing is done
   */
  ask<T>(event: SchedulerEvent, check: () => T): Promise<T>;
  isEmpty(): boolean;
  /** Takes in all that is there, also what comes of it. */
  empty(take: (event: SchedulerEvent) => void): void;
}

interface Entry {
  event: SchedulerEvent;
  check(): unknown;
  taken(checked: unknown): void;
  refused(error: unknown): void;
}

const nothing = () => undefined;

export function createInbox(): Inbox {
  const entries: Entry[] = [];
  return {
    add(event) {
      const entry = { event, check: nothing, taken: nothing, refused: nothing };
      // A cancellation before all else that one activation brought: what that would start would only be ended again.
      if (event.type === 'stop') entries.unshift(entry);
      else entries.push(entry);
    },
    ask: <T>(event: SchedulerEvent, check: () => T) =>
      new Promise<T>((resolve, refused) => {
        entries.push({ event, check, taken: (checked) => resolve(checked as T), refused });
      }),
    isEmpty: () => entries.length === 0,
    empty(take) {
      for (let entry = entries.shift(); entry; entry = entries.shift()) {
        let checked: unknown;
        try {
          checked = entry.check();
        } catch (error) {
          entry.refused(error);
          continue;
        }
        take(entry.event);
        entry.taken(checked);
      }
    },
  };
}
