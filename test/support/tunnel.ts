import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/** Leads to a server, and can be cut like a network that drops what is sent: nobody is told. */
export interface Tunnel {
  port: number;
  /** What is under way is lost, and so is all that comes, until it is healed. */
  cut(): void;
  /** New connections get through; those from before stay dead. */
  heal(): void;
  close(): Promise<void>;
}

export async function openTunnel(target: { host: string; port: number }): Promise<Tunnel> {
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    keep(near);
    if (!whole) return void near.resume();
    const far = keep(connect(target));
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      whole = false;
      for (const socket of sockets) socket.unpipe().removeAllListeners('end').resume();
    },
    heal: () => void (whole = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
