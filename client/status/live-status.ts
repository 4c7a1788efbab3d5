import type { StatusView } from '../../domain/session/status-view';
import type { TemporalEndpoint } from '../../services';
import { askTemporal } from '../cli/ask-temporal';
import { pausedIn, type PausedWorkflow } from '../session/paused-workflows';
import { sessionWork } from '../session/pending-work';
import { retriesIn, type Retry } from '../session/retries';
import { stuckIn, type StuckWorkflow } from '../session/stuck-workflows';
import { lastActions } from './actions';
import { sessionWorkflowId, statusQuery } from '../../workflows/messages';

export interface LiveStatus {
  /** Null when no worker answers, or the workflow is paused in Temporal itself. */
  view: StatusView | null;
  /** What the agents at work did last, or why they wait to be tried again, by task. */
  doing: Map<number, string>;
  /** What Temporal tries again now. */
  retries: Retry[];
  /** What somebody has paused in Temporal itself. */
  paused: PausedWorkflow[];
  /** What no worker can go on with. */
  stuck: StuckWorkflow[];
}

/** What Temporal says of a session; null when it does not answer within two seconds. `epics` are those of which tasks run. */
export async function liveStatus(
  temporal: TemporalEndpoint,
  project: string,
  epics: readonly (number | null)[],
): Promise<LiveStatus | null> {
  try {
    return await askTemporal(temporal, async (client) => {
      const workflowId = sessionWorkflowId(project);
      const [view, doing, work] = await Promise.all([
        client.workflow
          .getHandle(workflowId)
          .query(statusQuery)
          .catch(() => null),
        lastActions(client, project, epics),
        sessionWork(client, workflowId),
      ]);
      return { view, doing, retries: retriesIn(work), paused: pausedIn(work), stuck: stuckIn(work) };
    });
  } catch {
    return null;
  }
}
