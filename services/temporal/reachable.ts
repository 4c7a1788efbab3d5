import { Connection, isGrpcServiceError, type ConnectionOptions } from '@temporalio/client';
import { retryWhileOpen } from './grpc-retry';
import { pastProxy } from './past-proxy';
import { tlsProblem } from './tls-problem';

/** Runs `work` on a connection that is closed whatever happens; a failed `connect` would leave one open. */
export async function withTemporal<T>(
  options: ConnectionOptions,
  timeoutMs: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = Connection.lazy({
    interceptors: [retryWhileOpen],
    ...pastProxy(options),
    connectTimeout: timeoutMs,
  });
  try {
    return await connection.withDeadline(Date.now() + timeoutMs, () => work(connection));
  } finally {
    await connection.close();
  }
}

/** Null when the server answers within `timeoutMs` milliseconds and has the namespace; else why not. */
export async function whyTemporalUnusable(
  options: ConnectionOptions,
  namespace: string,
  timeoutMs = 5_000,
): Promise<string | null> {
  try {
    await withTemporal(options, timeoutMs, (connection) =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return null;
  } catch (error) {
    const problem = inWords(error);
    return problem === NO_ANSWER ? ((await tlsProblem(options)) ?? problem) : problem;
  }
}

export const NO_ANSWER = 'it does not answer';
export const NO_NAMESPACE = 'it has no such namespace';

/** Of https://grpc.io/docs/guides/status-codes/: those that a server which is not there, or not ours, gives. */
const STATUS = { deadlineExceeded: 4, notFound: 5, unavailable: 14 };

function inWords(error: unknown): string {
  if (!isGrpcServiceError(error))
    return error instanceof Error ? error.message.split('\n')[0]! : String(error);
  const code: number = error.code;
  if (code === STATUS.notFound) return NO_NAMESPACE;
  if (code === STATUS.deadlineExceeded || code === STATUS.unavailable) return NO_ANSWER;
  return error.details;
}
