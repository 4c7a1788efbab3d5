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

/** `2 tasks joined the session; T3 is tried again`. */
export function planNews(joined: number, again: number[]): string {
  const more = again.length > 5 ? ` and ${again.length - 5} more` : '';
  const names =
    again
      .slice(0, 5)
      .map((task) => `T${task}`)
      .join(', ') + more;
  const news = [
    joined ? `${joined} task${joined === 1 ? '' : 's'} joined the session` : '',
    again.length ? `${names} will be tried again` : '',
  ].filter(Boolean);
  return news.join('; ') || 'the plan is loaded again';
}
