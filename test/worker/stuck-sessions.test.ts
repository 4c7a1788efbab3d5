import { listEvents } from '../../db/events/events';
import { claimNotification } from '../../db/events/notifications';
import { notificationOf } from '../../domain/session/notification';
import { tellOfStuck } from '../../worker/stuck-sessions';
import { givenSession, openBoth } from '../client/both';
import { uniqueName } from '../db/scenario';

const at = openBoth();

it('a session whose workflow fails for ever is told of once, though nobody looks', async () => {
  const project = uniqueName('stuck');
  const { id, handle } = await givenSession(at, project);
  const described = await handle.describe();
  const look = (attempt: number) => {
    const raw = { ...described.raw, pendingWorkflowTask: { attempt } };
    const client = {
      withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
      workflow: { getHandle: () => ({ describe: async () => ({ raw }) }) },
    };
    return tellOfStuck({ db: at.db, client: client as never });
  };
  const told = async () =>
    (await listEvents(at.db, { sessionId: id })).filter(({ type }) => type === 'attention_needed');
  await look(5);
  expect(await told()).toEqual([]);
  await look(6);
  await look(9);
  expect(await told()).toHaveLength(1);
  const news = await claimNotification(at.db, 'command');
  expect(notificationOf(news!, (text) => text).text).toBe(
    `${project} needs you: the session: its workflow cannot go on: it failed 5 times, and the worker's log says why`,
  );
  await handle.terminate();
});

it('a session that Temporal does not know keeps nobody from hearing of a later one', async () => {
  const unknown = await givenSession(at, uniqueName('unknown'));
  const { id, handle } = await givenSession(at, uniqueName('stuck-later'));
  const described = await handle.describe();
  const raw = { ...described.raw, pendingWorkflowTask: { attempt: 9 } };
  const describeOf = (workflowId: string) =>
    workflowId === unknown.handle.workflowId
      ? Promise.reject(new Error('5 NOT_FOUND'))
      : Promise.resolve({ raw });
  const client = {
    withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
    workflow: { getHandle: (workflowId: string) => ({ describe: () => describeOf(workflowId) }) },
  };
  await tellOfStuck({ db: at.db, client: client as never });
  const told = (await listEvents(at.db, { sessionId: id })).filter(({ type }) => type === 'attention_needed');
  expect(told).toHaveLength(1);
  await Promise.all([unknown.handle.terminate(), handle.terminate()]);
});
