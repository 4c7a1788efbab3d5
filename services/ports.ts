import { once } from 'node:events';
import { createServer } from 'node:net';
import getPort from 'get-port';

/** Whether nobody listens at this port, on loopback or on every address. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const server = createServer().listen({ port, host, exclusive: true });
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => server.close(resolve));
    if (!free) return false;
  }
  return true;
}

/** The first of these ports that is free, or another free one when all are taken. */
export async function freePort(...preferred: (number | null)[]): Promise<number> {
  // Asked for one port twice, get-port gives another the second time: it keeps what it gave for a while.
  for (const port of preferred) if (port !== null && (await isFree(port))) return port;
  return getPort();
}
