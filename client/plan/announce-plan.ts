import type { Client } from '@temporalio/client';
import type { Queryable } from '../../db/connection/connection';
import type { TemporalEndpoint } from '../../services';
import { planChangedUpdate } from '../../workflows/messages';
import { askTemporal } from '../cli/ask-temporal';
import { requireOwnNamespace } from '../cli/connect';
import { describeFailure } from '../cli/failure';
import type { Hint } from '../text/hint';
import { NoOpenSession, sendUpdate } from '../session/updates';

const WITHIN_MS = 20_000;

/** Tells a project's open session that its plan has changed, and returns one line about what came of it. Never throws. */
export async function announcePlan(
  db: Queryable,
  temporal: TemporalEndpoint,
  project: string,
  hint: Hint,
): Promise<string> {
  try {
    const request = { project, update: planChangedUpdate, args: [] satisfies [] };
    const ask = async (client: Client) => {
      await requireOwnNamespace(client, db);
      return sendUpdate(client, request, { hint, whenClosed: 'the next one runs it' });
    };
    return await askTemporal(temporal, ask, WITHIN_MS);
  } catch (error) {
    if (error instanceof NoOpenSession) return 'no session is open: the next one runs it';
    return `the session that is open does not know of it, the next one will (${describeFailure(error).message})`;
  }
}

/** The same of the session with this number, as a line of its own. */
export const announceTo = async (
  sessionId: number,
  ...place: Parameters<typeof announcePlan>
): Promise<string> => `session ${sessionId} is open: ${await announcePlan(...place)}`;
