import { Client } from '@temporalio/client';
import type { TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';

/** Of a question that a command can do without: nobody wants to wait for long. */
const WITHIN_MS = 2_000;

/** Asks Temporal on a connection of its own, for as long as `withinMs`. @throws when it does not answer */
export const askTemporal = <T>(
  { namespace, connectConfig }: TemporalEndpoint,
  ask: (client: Client) => Promise<T>,
  withinMs = WITHIN_MS,
): Promise<T> =>
  withTemporal(connectConfig.connectionOptions, withinMs, (connection) =>
    ask(new Client({ connection, namespace })),
  );
