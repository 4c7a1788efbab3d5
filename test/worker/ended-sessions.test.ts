import { listEvents } from '../../db/events/events';
import { claimNotification } from '../../db/events/notifications';
import { getSession } from '../../db/session/sessions';
import { notificationOf } from '../../domain/session/notification';
import { closeEndedSessions } from '../../worker/ended-sessions';
import { givenSession, openBoth } from '../client/both';
import { uniqueName } from '../db/scenario';

const at = openBoth();

const statusOf = async (id: number) => (await getSession(at.db, id)).status;

it('a session that was terminated is closed by the worker, and told of once, though nobody looks', async () => {
  const open = await givenSession(at, uniqueName('open'));
  const project = uniqueName('ended');
  const { id, handle } = await givenSession(at, project);
  const said: string[] = [];
  const look = closeEndedSessions({
    db: at.db,
    client: at.temporal.client,
    log: (line) => void said.push(line),
  });
  await look();
  await handle.terminate('by a person');
  // Its activities have yet to hear of it.
  await look();
  expect(await statusOf(id)).toBe('running');
  await look();
  await look();
  expect([await statusOf(id), await statusOf(open.id)]).toEqual(['cancelled', 'running']);
  expect(said).toEqual([
    `session ${id} of ${project} is closed: its workflow ended from outside (terminated)`,
  ]);
  const ends = (await listEvents(at.db, { sessionId: id })).filter(({ type }) => type === 'session_complete');
  expect(ends).toHaveLength(1);
  const news = await claimNotification(at.db, 'command');
  expect(notificationOf(news!, (text) => text).text).toContain(`${project}: the session ended as cancelled`);
  await open.handle.terminate();
});

it('a Temporal that does not know the session, or does not answer, proves nothing', async () => {
  const { id, handle } = await givenSession(at, uniqueName('unknown'));
  await handle.terminate();
  for (const problem of ['5 NOT_FOUND', '14 UNAVAILABLE']) {
    const client = {
      withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
      workflow: { getHandle: () => ({ describe: () => Promise.reject(new Error(problem)) }) },
    };
    const look = closeEndedSessions({ db: at.db, client: client as never, log: () => undefined });
    for (let looks = 0; looks < 3; looks++) await look();
  }
  expect(await statusOf(id)).toBe('running');
});
