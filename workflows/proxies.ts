import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/scope/contract';
import { NON_RETRYABLE_TYPES } from '../domain/session/failures';

const retry = {
  // A worker that is replaced hands its work back: the next one should take it up at once.
  initialInterval: '200ms',
  maximumInterval: '30s',
  nonRetryableErrorTypes: NON_RETRYABLE_TYPES,
} as const;

const common: ActivityOptions = {
  retry,
  // The default closes the workflow while the agent still runs.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Database and git work of seconds. Without a heartbeat a killed worker is noticed only after the whole timeout. */
export const short = proxyActivities<Activities>({
  ...common,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5s',
});

const CLEANUP_TRIES = 6;

/** Worth a few tries, and no more: nothing waits for it. */
export const cleanup = proxyActivities<Activities>({
  ...common,
  retry: { ...retry, maximumAttempts: CLEANUP_TRIES },
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5s',
});

/** Room for the activity to end by itself, as a failed try, before Temporal ends it. */
const GRACE_MINUTES = 10;

/** For an activity that runs so many commands, an agent or one of the project's, each bounded by the session's task timeout. */
export const timeFor = (commands: number, taskTimeoutMinutes: number): ActivityOptions => ({
  ...common,
  startToCloseTimeout: `${Math.ceil((commands * taskTimeoutMinutes + GRACE_MINUTES) * 60)}s`,
  heartbeatTimeout: '10s',
});

/** Each call says how long it may take: see `timeFor`. */
export const commands = proxyActivities<Activities>(timeFor(1, 60));
