import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { sendUpdate } from '../../../client/session/updates';
import { pauseUpdate } from '../../../workflows/messages';

const hint = (...args: (string | number)[]) => args.join(' ');

/** A session that answers with these, one after the other; errors are refusals. */
function answering(...answers: (string | Error)[]): Client {
  const executeUpdate = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw new WorkflowUpdateFailedError('refused', answer);
    return answer;
  };
  const describe = async () => ({ status: { name: 'COMPLETED' } });
  return {
    withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
    workflow: { getHandle: () => ({ executeUpdate, describe }) },
  } as unknown as Client;
}

const send = (client: Client) =>
  sendUpdate(client, { project: 'p', update: pauseUpdate, args: [] }, { hint, whenClosed: 'start one' });

test('a session that still loads its plan is asked again', async () => {
  const starting = new Error('session: is still starting; try again in a moment');
  expect(await send(answering(starting, starting, 'paused'))).toBe('paused');
});

test('a refusal that names another update says it as the command', async () => {
  const running = new Error(
    'task: T7 is running: cancelTask stops it; this needs one that is failed, blocked',
  );
  await expect(send(answering(running))).rejects.toThrow(
    'task: T7 is running: cancel 7 --project p stops it; this needs one that is failed, blocked',
  );
});

test('any other refusal is told at once', async () => {
  await expect(send(answering(new Error('task: T9 is not in this session'), 'no'))).rejects.toThrow(
    'task: T9 is not in this session',
  );
});
