import { retryWhileOpen, type Interceptor } from '../../services/temporal/grpc-retry';

/** Calls whose callers ask again by themselves. */
const FOLLOWING = /\/(GetWorkflowExecutionHistory|DescribeTaskQueue)$/;

/** Retries what fails for a moment, but for the calls that follow a session: a retry that waits cannot be cancelled. */
export const retryUnlessFollowing: Interceptor = (options, nextCall) => {
  const next = nextCall as (options: Parameters<Interceptor>[0]) => ReturnType<Interceptor>;
  return FOLLOWING.test(options.method_definition.path) ? next(options) : retryWhileOpen(options, nextCall);
};
