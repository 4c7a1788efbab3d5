import {
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** Calls whose callers ask again by themselves. */
const FOLLOWING = /\/(GetWorkflowExecutionHistory|DescribeTaskQueue)$/;

const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());

/**
 * Retries what fails for a moment, as Temporal's client does by default, but for the calls that follow a session: a
 * retry that waits cannot be cancelled, and throws outside of every promise when its connection has been closed.
 */
export const retryUnlessFollowing: Interceptor = (options, nextCall) => {
  const next = nextCall as (options: Parameters<Interceptor>[0]) => ReturnType<Interceptor>;
  return FOLLOWING.test(options.method_definition.path) ? next(options) : retry(options, nextCall);
};
