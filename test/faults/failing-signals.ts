import type { ClientInterceptors, WorkflowClientInterceptor } from '@temporalio/client';
import type { Occasions } from './occasions';

/** The worker's signals to workflows, one of which fails: before the server hears of it, or when it has taken it. */
export function failingSignals({ before, after }: Record<'before' | 'after', Occasions>): ClientInterceptors {
  const interceptor: WorkflowClientInterceptor = {
    async signal(input, next) {
      if (before.fails(input.signalName)) throw new Error('14 UNAVAILABLE: planned');
      await next(input);
      if (after.fails(input.signalName)) throw new Error('14 UNAVAILABLE: planned');
    },
  };
  return { workflow: [interceptor] };
}
