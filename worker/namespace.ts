import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ConnectionOptions } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Queryable } from '../db/connection/connection';
import type { Claim } from '../domain/claim';
import { claimNamespace, isOwnNamespace, NamespaceTaken } from '../services/temporal/namespace-owner';
import { withTemporal } from '../services/temporal/reachable';
import { foreignSession } from './foreign-session';

const LOOK_MS = 5_000;
const WITHIN_MS = 20_000;

export interface NamespacePlace {
  db: Queryable;
  connectionOptions: ConnectionOptions;
  namespace: string;
  claim: Claim;
  log: (line: string) => void;
}

/**
 * Before a worker asks for any work: has the namespace be its database's. One that is kept running waits for it, since
 * it would only be started again, all the time.
 * @returns whether that is on record now
 * @throws NamespaceTaken where it is another database's
 */
export async function takeNamespace(
  { db, connectionOptions, namespace, claim, log }: NamespacePlace,
  { waits }: { waits: boolean },
): Promise<boolean> {
  const take = () =>
    withTemporal(connectionOptions, WITHIN_MS, async (connection) => {
      const client = new Client({ connection, namespace });
      if (await isOwnNamespace(client, claim.database)) return null;
      await requireNoForeignSession(client, db);
      return claimNamespace(client, claim);
    });
  for (let told = false; ; told = true) {
    try {
      const problem = await take();
      if (problem !== null)
        log(
          `Temporal does not let it write down whose the namespace ${namespace} is (${problem}): other databases are ` +
            'kept from it only while a worker of this one runs, or a session is open',
        );
      return problem === null;
    } catch (error) {
      if (!waits || !(error instanceof NamespaceTaken)) throw error;
      if (!told) log(`${error.message}. It waits until the namespace is free`);
      await sleep(LOOK_MS);
    }
  }
}

/** Nobody has the namespace. @throws NamespaceTaken where somebody must have had it, and left a session there */
async function requireNoForeignSession(client: Client, db: Queryable): Promise<void> {
  const id = await foreignSession(client, db);
  if (id === null) return;
  throw new NamespaceTaken(
    client.options.namespace,
    `another database of YokeFlow, of which ${id} is open`,
    `when nobody is to go on with that session, end it: yokeflow temporal -- workflow terminate -w ${id}`,
  );
}

/** A namespace that a worker has taken, and may lose: a person may give it to another database. */
export interface HeldNamespace {
  /** Set once another database has it. */
  lost(): NamespaceTaken | null;
  /**
   * No activity begins on what was seen long ago: another database may have taken the namespace at the same moment, and
   * whoever was frozen may be handed work before it looks again.
   */
  guard: ActivityInterceptorsFactory;
  /** Looks whether it is still this database's, again and again until it is not. Returns what ends that. */
  watch(onLost: () => void): () => void;
}

/** @param onRecord whether it may be written down whose the namespace is */
export function holdNamespace(client: Client, claim: Claim, onRecord: boolean): HeldNamespace {
  let lookedAt = 0;
  let lost: NamespaceTaken | null = null;

  // What is nobody's any more is taken again.
  const look = async () => {
    const began = Date.now();
    try {
      if (onRecord) await claimNamespace(client, claim);
      else await isOwnNamespace(client, claim.database);
      lookedAt = began;
    } catch (error) {
      if (error instanceof NamespaceTaken) lost = error;
      throw error;
    }
  };

  const guard: ActivityInterceptorsFactory = () => ({
    inbound: {
      async execute(input, next) {
        if (Date.now() - lookedAt > 2 * LOOK_MS) await look();
        if (lost) throw lost;
        return next(input);
      },
    },
  });

  const watch = (onLost: () => void) => {
    const over = new AbortController();
    const untilLost = async () => {
      while (!lost) {
        // Temporal may be away; the next look is soon.
        await look().catch(() => undefined);
        if (!lost) await sleep(LOOK_MS, undefined, { signal: over.signal });
      }
      if (!over.signal.aborted) onLost();
    };
    void untilLost().catch(() => undefined);
    return () => over.abort();
  };

  return { lost: () => lost, guard, watch };
}
