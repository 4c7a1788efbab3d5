import { Client } from '@temporalio/client';
import type { StatusView } from '../../domain/session/status-view';
import type { TemporalEndpoint } from '../../services';
import { withTemporal } from '../../services/temporal/reachable';
import { retriesOf, type Retry } from '../session/retries';
import { lastActions } from './actions';
import { sessionWorkflowId, statusQuery } from '../../workflows/messages';

const WITHIN_MS = 2_000;

export interface LiveStatus {
  view: StatusView;
  /** What the agents at work did last, or why they wait to be tried again, by task. */
  doing: Map<number, string>;
  /** What Temporal tries again now. */
  retries: Retry[];
}

/**
 * What Temporal says of a session; null when server or worker do not answer within two seconds. `epics` are those of
 * which tasks run.
 */
export async function liveStatus(
  { namespace, connectConfig }: TemporalEndpoint,
  project: string,
  epics: readonly number[],
): Promise<LiveStatus | null> {
  try {
    return await withTemporal(connectConfig.connectionOptions, WITHIN_MS, async (connection) => {
      const client = new Client({ connection, namespace });
      const view = await client.workflow.getHandle(sessionWorkflowId(project)).query(statusQuery);
      const [doing, retries] = await Promise.all([
        lastActions(client, project, view.parallel ? epics : [null]),
        retriesOf(client, sessionWorkflowId(project)).catch(() => []),
      ]);
      return { view, doing, retries };
    });
  } catch {
    return null;
  }
}
