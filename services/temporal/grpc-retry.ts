import {
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type ConnectionOptions,
} from '@temporalio/client';

export type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Options = Parameters<Interceptor>[0];
export type Call = ReturnType<Interceptor>;
type NextCall = (options: Options) => Call;

const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());

/**
 * Retries what fails for a moment, as Temporal's client does by default. There, a retry whose time comes when the
 * connection has been closed throws out of a timer, and nobody can catch it: here its call has failed.
 */
export const retryWhileOpen: Interceptor = (options, nextCall) => {
  let first = true;
  const next: NextCall = (again) => {
    if (first) {
      first = false;
      return (nextCall as NextCall)(again);
    }
    try {
      return (nextCall as NextCall)(again);
    } catch {
      return failedCall();
    }
  };
  return retry(options, next);
};

const CANCELLED = 1;

/** A call that fails as soon as it starts. */
function failedCall(): Call {
  const nothing = () => undefined;
  return {
    start(metadata: Parameters<Call['start']>[0], listener: Parameters<Call['start']>[1]) {
      const status = { code: CANCELLED, details: 'the connection has been closed', metadata };
      process.nextTick(() => listener?.onReceiveStatus?.(status));
    },
    sendMessage: nothing,
    halfClose: nothing,
    startRead: nothing,
    cancelWithStatus: nothing,
  } as unknown as Call;
}
