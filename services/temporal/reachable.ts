import { Connection, type ConnectionOptions } from '@temporalio/client';

/** Runs `work` on a connection that is closed whatever happens; a failed `connect` would leave one open. */
export async function withTemporal<T>(
  options: ConnectionOptions,
  timeoutMs: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = Connection.lazy({ ...options, connectTimeout: timeoutMs });
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
    return error instanceof Error ? error.message.split('\n')[0]! : String(error);
  }
}
