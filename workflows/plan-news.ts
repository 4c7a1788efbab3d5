import { listed } from '../domain/listed';
import { plural } from '../domain/plural';
import type { SchedulerState } from '../domain/scheduler';

/** What did not get done so far, and a change of the plan may have tried again. */
export const stoppedTasks = ({ tasks }: SchedulerState): number[] =>
  [...tasks.values()].filter(({ state }) => state === 'failed' || state === 'blocked').map(({ id }) => id);

/** Null while the session starts tasks: only then is what is new of use to it, and its history has room for a plan. */
export function loadedLater({ stopping }: SchedulerState): string | null {
  if (stopping === 'no') return null;
  return stopping === 'suspend'
    ? 'the session is about to go on with a fresh history: it loads the plan then'
    : 'the session is ending: the next one runs what is new';
}

const MOST_NAMED = 5;

/** `2 tasks joined the session; T3 is tried again`. */
export function planNews(joined: number, again: number[]): string {
  const names = again.map((task) => `T${task}`);
  const news = [
    joined ? `${plural(joined, 'task')} joined the session` : '',
    again.length ? `${listed(names, MOST_NAMED)} will be tried again` : '',
  ].filter(Boolean);
  return news.join('; ') || 'the plan is loaded again';
}
