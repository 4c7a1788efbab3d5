import type { Client } from '@temporalio/client';
import { describeClaim, parseClaim, type Claim } from '../../domain/claim';
import { harmlessLine } from '../../domain/harmless';
import { SettingsError } from '../errors';
import { livePollers, workerOf } from './pollers';

/** Which database the sessions of a namespace are in is among the data that Temporal keeps of it, under this name. */
const KEY = 'yokeflow';
const WITHIN_MS = 10_000;

/** The namespace has the sessions of another database: a worker of this one would do their work with other plans. */
export class NamespaceTaken extends SettingsError {
  constructor(namespace: string, whose: string, or: string) {
    super(
      `Temporal's namespace "${namespace}" has the sessions of ${whose}`,
      `set TEMPORAL_NAMESPACE to another one, since each database needs one of its own; or, ${or}`,
    );
  }
}

const asking = <T>(client: Client, ask: () => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + WITHIN_MS, ask);

async function ownerOf({ workflowService, options: { namespace } }: Client): Promise<Claim | null> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  return parseClaim(namespaceInfo?.data?.[KEY] ?? '');
}

/**
 * Whether it is on record that the namespace is this database's.
 * @param database null: one that is still empty
 * @throws NamespaceTaken where it is another one's, or a worker of another one asked for work there lately
 */
export async function isOwnNamespace(client: Client, database: string | null): Promise<boolean> {
  const { namespace } = client.options;
  const owner = await asking(client, () => ownerOf(client));
  if (owner?.database === database) return true;
  if (owner)
    throw new NamespaceTaken(
      namespace,
      describeClaim(owner),
      `when that one is done with it and no worker of it runs, take it over: yokeflow temporal -- operator namespace update --data ${KEY}= ${namespace}`,
    );
  const workers = (await asking(client, () => livePollers(client))).map(workerOf);
  const other = workers.find((one) => one !== null && one.database !== database);
  if (!other) return false;
  throw new NamespaceTaken(
    namespace,
    `another database of YokeFlow, whose worker ${harmlessLine(other.worker)} asked for work within the last minute`,
    'when that worker has ended, try again in a minute',
  );
}

/**
 * Puts it down that the namespace has the sessions of this database, so that no worker of another one works there.
 * Idempotent. Of two that begin at the same moment both may succeed, and the one that looks again later does not.
 * @returns why that could not be written, which many may not; null: it is on record
 * @throws NamespaceTaken
 */
export async function claimNamespace(client: Client, mine: Claim): Promise<string | null> {
  if (await isOwnNamespace(client, mine.database)) return null;
  const { namespace } = client.options;
  const data = { [KEY]: JSON.stringify(mine) };
  try {
    await asking(client, () => client.workflowService.updateNamespace({ namespace, updateInfo: { data } }));
    return null;
  } catch (error) {
    return harmlessLine(error instanceof Error ? error.message : String(error));
  }
}
