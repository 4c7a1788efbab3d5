import { ApplicationFailure, CancelledFailure, ActivityFailure, TerminatedFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { getEventListeners } from 'node:events';
import { endOf, exitCodeOf, sessionEnd } from '../../../client/session/session-end';
import { isPolled } from '../../../client/session/worker-watch';
import { connectTemporal } from '../../support/temporal';

const failed = (cause: Error) =>
  new WorkflowFailedError('Workflow execution failed', cause, 'NON_RETRYABLE_FAILURE');
const refusal = (type: string) => ApplicationFailure.nonRetryable('what is wrong: what to do', type);
const inActivity = (cause: Error) =>
  new ActivityFailure('Activity task failed', 'a', '1', 'MAXIMUM_ATTEMPTS_REACHED', 'w', cause);

it.each(['InvalidInput', 'ProjectBusy', 'RepositoryUnusable', 'AgentUnavailable', 'ProviderRefused'])(
  'a session that %s kept from running is refused, wherever the failure comes from',
  (type) => {
    for (const cause of [refusal(type), inActivity(refusal(type))]) {
      const end = endOf(failed(cause));
      expect(end).toEqual({ kind: 'refused', message: 'what is wrong: what to do' });
      expect(exitCodeOf(end)).toBe(2);
    }
  },
);

it.each([
  ['incomplete', refusal('SessionIncomplete')],
  ['failed', refusal('GitFailed')],
  ['cancelled', new CancelledFailure('stop')],
])('a session that ended %s exits with 1', (kind, cause) => {
  const end = endOf(failed(cause));
  expect(end.kind).toBe(kind);
  expect(exitCodeOf(end)).toBe(1);
});

it('a session that was terminated says so, whatever reason was given', () => {
  expect(endOf(failed(new TerminatedFailure('trial')))).toEqual({
    kind: 'failed',
    message: 'its workflow was terminated (trial)',
  });
});

it('tells of each outage of Temporal once', async () => {
  const unavailable = Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: '', metadata: {} });
  // The connection is there for a while before the third call fails.
  const lasts = [0, 0, 300, 0];
  let now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  const over = new AbortController();
  const result = async () => {
    const ms = lasts.shift();
    if (ms === undefined) over.abort();
    now += ms ?? 0;
    throw unavailable;
  };
  const client = {
    withAbortSignal: (_: AbortSignal, ask: () => Promise<unknown>) => ask(),
    workflow: { getHandle: () => ({ result }) },
  } as unknown as Client;
  const notices: string[] = [];
  const onNotice = (line: string) => void notices.push(line);
  const session = { workflowId: 'w', runId: 'r' };
  await sessionEnd({ client }, session, { signal: over.signal, onNotice, steadyMs: 200 });
  clock.mockRestore();
  expect(notices).toHaveLength(2);
});

it('asking Temporal again and again leaves nothing behind on the signal', async () => {
  const temporal = await connectTemporal();
  const { signal } = new AbortController();
  for (let round = 0; round < 12; round++) expect(await isPolled(temporal.client, signal)).not.toBeNull();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await temporal.close();
});
