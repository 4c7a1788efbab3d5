interface Ending {
  end(): Promise<void>;
}

/** Short beside the time after which PostgreSQL itself ends a silent connection of a lock: see `LOCK_TIMES_MS`. */
export const IDLE_MS = 5_000;

/** A connection of one's own for a while. Either `giveBack` it as it was, or `end` it. */
export type Borrowed<C> = C & {
  /** It lay idle, so it may have been lost since without anybody noticing. */
  reused: boolean;
  giveBack(): void;
};

/** Connections that were just used: to make a new one costs PostgreSQL a process, and both sides a password check. */
export interface IdleConnections<C> {
  borrow(): Promise<Borrowed<C>>;
  /** Ends those that nobody has; one that comes back later ends too. */
  close(): Promise<void>;
}

export function createIdleConnections<C extends Ending>(connect: () => Promise<C>): IdleConnections<C> {
  const idle = new Map<C, NodeJS.Timeout>();
  let closed = false;

  const keep = (connection: C): void => {
    if (closed) return void connection.end();
    const tooLong = setTimeout(() => {
      idle.delete(connection);
      void connection.end();
    }, IDLE_MS);
    idle.set(connection, tooLong.unref());
  };

  const take = (): C | undefined => {
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
