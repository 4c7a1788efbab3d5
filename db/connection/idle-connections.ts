import type { Connection } from './connection';

/** Short beside the 30 s after which PostgreSQL itself ends a silent connection of a lock. */
const IDLE_MS = 5_000;

/** A connection of one's own for a while. Either `giveBack` it as it was, or `end` it. */
export interface Borrowed extends Connection {
  /** It lay idle, so it may have been lost since without anybody noticing. */
  reused: boolean;
  giveBack(): void;
}

/** Connections that were just used: to make a new one costs PostgreSQL a process, and both sides a password check. */
export interface IdleConnections {
  borrow(): Promise<Borrowed>;
  /** Ends those that nobody has; one that comes back later ends too. */
  close(): Promise<void>;
}

export function createIdleConnections(connect: () => Promise<Connection>): IdleConnections {
  const idle = new Map<Connection, NodeJS.Timeout>();
  let closed = false;

  const keep = (connection: Connection): void => {
    if (closed) return void connection.end();
    const tooLong = setTimeout(() => {
      idle.delete(connection);
      void connection.end();
    }, IDLE_MS);
    idle.set(connection, tooLong.unref());
  };

  const take = (): Connection | undefined => {
    const [connection] = idle.keys();
    if (connection) {
      clearTimeout(idle.get(connection));
      idle.delete(connection);
    }
    return connection;
  };

  return {
    async borrow() {
      const known = take();
      const connection = known ?? (await connect());
      return { ...connection, reused: known !== undefined, giveBack: () => keep(connection) };
    },
    async close() {
      closed = true;
      const left = [...idle.keys()];
      for (const timer of idle.values()) clearTimeout(timer);
      idle.clear();
      await Promise.all(left.map((connection) => connection.end()));
    },
  };
}
