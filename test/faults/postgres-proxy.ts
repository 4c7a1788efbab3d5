import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Occasions } from './occasions';

export interface PostgresProxy {
  /** Leads to the server by way of the proxy. */
  url: string;
  close(): Promise<void>;
}

/**
 * Stands before PostgreSQL and understands as much of its protocol as it takes to tell one statement from the next. The
 * connection of one that is to fail is cut: before the server hears of it, or, where something lasts, when the server has
 * done it.
 */
export async function openPostgresProxy(
  url: string,
  statements: { before: Occasions; after: Occasions },
): Promise<PostgresProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = keep(connect(Number(target.port), target.hostname));
    lead(keep(near), far, statements);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Messages that only together are a statement: the last one of them is what the server acts on. */
const PARTS = ['P', 'B', 'D', 'E'];
/** The end of such messages, and a statement in one. */
const STATEMENTS = ['S', 'Q'];
/** The server has done what it was asked, and says so in the end. */
const READY = 'Z';

/** Only of these it matters that they were done: of all others nothing is left when the connection is cut. */
const lasts = (text: string): boolean => !/^(select|rollback)\b/.test(text) || text.includes('append_event');

/** One connection. Its client asks nothing before the last answer is complete. */
function lead(near: Socket, far: Socket, { before, after }: Record<'before' | 'after', Occasions>): void {
  const cutOff = () => [near, far].forEach((socket) => socket.destroy());
  const prepared = new Map<string, string>();
  let parts: Buffer[] = [];
  let text = '';
  let inTransaction = false;
  let answer = (chunk: Buffer): void => void near.write(chunk);

  const asked = messages({ greeting: true }, (type, message) => {
    parts.push(message);
    const [first = '', second = ''] = message.subarray(5).toString().split('\0');
    if (type === 'P') prepared.set(first, (text = second));
    if (type === 'B') text = prepared.get(second) ?? text;
    if (type === 'Q') text = first;
    if (PARTS.includes(type)) return;
    if (STATEMENTS.includes(type)) {
      if (/^(begin|commit|rollback)$/.test(text)) inTransaction = text === 'begin';
      if (before.fails(text)) return cutOff();
      if (!inTransaction && lasts(text) && after.fails(text))
        answer = messages({ greeting: false }, (kind) => void (kind === READY && cutOff()));
    }
    far.write(Buffer.concat(parts));
    parts = [];
  });
  near.on('data', asked).once('close', () => far.end());
  far.on('data', (chunk) => answer(chunk)).once('close', () => near.destroy());
}

/** Takes what comes apart: each message has a type and a length, but for the first that a client sends, its greeting. */
function messages(
  { greeting }: { greeting: boolean },
  onMessage: (type: string, message: Buffer) => void,
): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let head = greeting ? 0 : 1;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= head + 4) {
      const size = head + rest.readInt32BE(head);
      if (rest.length < size) return;
      const message = rest.subarray(0, size);
      rest = rest.subarray(size);
      onMessage(head === 0 ? 'greeting' : String.fromCharCode(message[0]!), message);
      head = 1;
    }
  };
}
