import { Client, Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '../../db/connection/connection';
import type { Endpoints, TemporalEndpoint } from '../../services';
import { pastProxy } from '../../services/temporal/past-proxy';
import { retryUnlessFollowing } from './grpc-retry';

/** PostgreSQL and Temporal, and where they are. */
export interface Place {
  db: Database;
  client: Client;
  endpoints: Endpoints;
}

export interface MovingPlace extends Place {
  /** Whether what answers at `endpoints` is known to be ours now. */
  isHome(): Promise<boolean>;
}

/** Where the services are now; null: they are not there, or still coming up. */
export type FindNow = () => Promise<Endpoints | null>;

export const POOL = { max: 4 };

const LOOK_MS = 1_000;

/**
 * Runs `work` with a place that changes when embedded services come back at other ports: another program may have taken
 * those that they had. What failed meanwhile is for `work` to try again.
 */
export async function goingAlong<T>(
  from: Place,
  findNow: FindNow,
  work: (place: MovingPlace) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const left: (() => Promise<void>)[] = [];
  let { db } = from;
  const isHome = async () => {
    const now = await findNow().catch(() => null);
    return now !== null && isSame(now, place.endpoints);
  };
  const place: MovingPlace = { ...from, db: whicheverIs(() => db), isHome };

  const goTo = (endpoints: Endpoints): void => {
    const before = place.endpoints;
    place.endpoints = endpoints;
    if (endpoints.databaseUrl !== before.databaseUrl) {
      const moved = openDatabase(endpoints.databaseUrl, POOL);
      left.push(() => moved.close());
      db = moved;
    }
    if (endpoints.temporal.address !== before.temporal.address) {
      const connection = Connection.lazy(connectionOptions(endpoints.temporal));
      left.push(() => connection.close());
      place.client = new Client({ connection, namespace: endpoints.temporal.namespace });
    }
  };

  const look = async (): Promise<void> => {
    for (;;) {
      await sleep(LOOK_MS, undefined, { signal: over.signal, ref: false });
      const now = await findNow().catch(() => null);
      if (now && !over.signal.aborted && !isSame(now, place.endpoints)) goTo(now);
    }
  };

  const looking = look().catch(() => undefined);
  try {
    return await work(place);
  } finally {
    over.abort();
    await looking;
    for (const close of left) await close();
  }
}

export const connectionOptions = ({ connectConfig }: TemporalEndpoint) => ({
  ...pastProxy(connectConfig.connectionOptions),
  interceptors: [retryUnlessFollowing],
});

const isSame = (one: Endpoints, other: Endpoints): boolean =>
  one.databaseUrl === other.databaseUrl && one.temporal.address === other.temporal.address;

function whicheverIs(current: () => Database): Database {
  return {
    query: (statement, values) => current().query(statement, values),
    transaction: (work) => current().transaction(work),
    connect: () => current().connect(),
    borrow: () => current().borrow(),
    close: () => current().close(),
  };
}
