import { Connection } from '@temporalio/client';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { retryWhileOpen } from '../../services/temporal/grpc-retry';

test('a connection that is closed while a retry waits: the call has failed, and nothing is thrown beside it', async () => {
  const uncaught: unknown[] = [];
  const hear = (error: unknown) => void uncaught.push(error);
  // Jest's own listeners would end the run.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', hear);
  const gone = createServer((socket) => socket.destroy());
  await once(gone.listen(0, '127.0.0.1'), 'listening');
  const { port } = gone.address() as AddressInfo;
  try {
    const connection = Connection.lazy({
      address: `127.0.0.1:${port}`,
      interceptors: [retryWhileOpen],
    });
    const call = connection.workflowService.getSystemInfo({}).catch((error: Error) => error.message);
    await sleep(300);
    await connection.close();
    expect(await Promise.race([call, sleep(30_000, 'no answer', { ref: false })])).toMatch(
      /closed|unavailable|Cancelled/i,
    );
    await sleep(500);
    expect(uncaught).toEqual([]);
  } finally {
    gone.close();
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  }
});
