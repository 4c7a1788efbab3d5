import { workflowInfo } from '@temporalio/workflow';

/** Where the defaults are not wanted: tests of the drain have no night to spare. */
export interface DrainLimits {
  drainAtEvents?: number;
  drainAtBytes?: number;
  /** To one epic. */
  drainAtOrders?: number;
  drainAtUpdates?: number;
}

/** What can be replayed within one workflow task, see docs/decisions/0017; Temporal's limit is 51,200. */
const EVENTS = 10_000;
/** Less than half of its limit of 50 MB: each change of a plan of 10,000 tasks brings more than one. */
const BYTES = 20_000_000;
/** The same for its limit of 2,000 updates: it refuses more, also while the session drains. */
const UPDATES = 1_000;
/** What the history of an epic may come to, for the same reason. It ends with the drain, and begins anew with the next order. */
const EVENTS_OF_EPIC = 12_000;
/** At most, by recorded histories: an order of one try takes ten to fifteen events, each further one six. */
const EVENTS_OF_ORDER = 20;
const EVENTS_OF_TRY = 8;

export interface Taken {
  /** By the epic that has had most. */
  orders: number;
  updates: number;
}

/** Whether it is time to drain and go on with a fresh history. */
export function isTimeToDrain(limits: DrainLimits, taken: Taken, maxAttempts: number): boolean {
  const { historyLength, historySize } = workflowInfo();
  const most = limits.drainAtOrders ?? EVENTS_OF_EPIC / (EVENTS_OF_ORDER + maxAttempts * EVENTS_OF_TRY);
  return (
    historyLength > (limits.drainAtEvents ?? EVENTS) ||
    historySize > (limits.drainAtBytes ?? BYTES) ||
    taken.orders > most ||
    taken.updates >= (limits.drainAtUpdates ?? UPDATES)
  );
}
