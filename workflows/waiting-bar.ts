import { CancellationScope, sleep } from '@temporalio/workflow';
import { startOf } from '../domain/cut-text';
import { listed } from '../domain/listed';
import { waitsFor, type SchedulerState } from '../domain/scheduler';

/** Nobody waits for it to fire: it is there to be seen. */
const LONG = '365 days';
const MAX_NAMED = 4;

/** A named timer: in the Web UI's timeline it is a bar that runs as long as the session waits for a person. */
export interface WaitingBar {
  show(text: string | null): void;
}

export function createWaitingBar(): WaitingBar {
  let shown: { text: string; scope: CancellationScope } | null = null;
  return {
    show(text) {
      if (text === (shown?.text ?? null)) return;
      shown?.scope.cancel();
      shown = null;
      if (text === null) return;
      const scope = new CancellationScope();
      shown = { text, scope };
      scope.run(() => sleep(LONG, { summary: text })).catch(() => undefined);
    },
  };
}

/** What the session waits for, in a few words; null when it waits for nobody. */
export function waitingFor(state: SchedulerState): string | null {
  if (state.finished || state.stopping !== 'no') return null;
  if (state.paused) return startOf(`paused: ${state.pauseReason}`, 100);
  const waits = waitsFor(state).map(({ task, lane }) => lane ?? `T${task}`);
  if (!waits.length) return null;
  return `waits for a person: ${listed(waits, MAX_NAMED)}`;
}
