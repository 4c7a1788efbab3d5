import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/scope/contract';
import {
  activityLimitMs,
  COMMAND_LOST_AFTER_MS,
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  LOST_AFTER_MS,
  ROOM_MS,
} from '../domain/session/activity-limits';
import { NON_RETRYABLE_TYPES } from '../domain/session/failures';

const retry = {
  initialInterval: FIRST_RETRY_MS,
  maximumInterval: LONGEST_RETRY_MS,
  nonRetryableErrorTypes: NON_RETRYABLE_TYPES,
} as const;

const options: ActivityOptions = {
  retry,
  // The default closes the workflow while the agent still runs.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  startToCloseTimeout: ROOM_MS,
  heartbeatTimeout: LOST_AFTER_MS,
};

/** Database and git work of seconds. Without a heartbeat a killed worker is noticed only after the whole timeout. */
export const short = proxyActivities<Activities>(options);

const CLEANUP_TRIES = 6;

/** Worth a few tries, and no more: nothing waits for it. */
export const cleanup = proxyActivities<Activities>({
  ...options,
  retry: { ...retry, maximumAttempts: CLEANUP_TRIES },
});

/** Those in which agents and the project's own commands run. Each call says by `timeFor` how long they may take. */
export const long = proxyActivities<Activities>({ ...options, heartbeatTimeout: COMMAND_LOST_AFTER_MS });

export const timeFor = (...of: Parameters<typeof activityLimitMs>): ActivityOptions => ({
  startToCloseTimeout: activityLimitMs(...of),
});
