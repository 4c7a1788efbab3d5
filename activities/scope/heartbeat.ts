import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { HEARTBEAT_MS } from '../../domain/session/activity-limits';
import { progressOf } from './activity-scope';

/**
 * A heartbeat for every activity, short ones too: without one, Temporal notices a killed worker only after the
 * activity's whole timeout.
 */
export const createHeartbeat = (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
  inbound: {
    async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) {
      const timer = setInterval(() => context.heartbeat(progressOf(context)), HEARTBEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});
