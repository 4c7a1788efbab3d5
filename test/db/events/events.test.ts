import { EVENT_TYPES, type SessionEvent } from '../../../domain/session/events';
import { DatabaseUnavailable } from '../../../db/connection/errors';
import { appendEvent, listEvents } from '../../../db/events/events';
import { followEvents } from '../../../db/events/follow-events';
import { openFixture, type Fixture } from '../database';
import { runningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(20);
});
afterAll(() => fixture.close());

const session = async () => (await runningSession(fixture.db)).session.id;
const numbers = (events: readonly SessionEvent[]) => events.map((event) => event.seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('appending', () => {
  test('stores every type that the code knows', async () => {
    const sessionId = await session();
    for (const type of EVENT_TYPES) await appendEvent(fixture.db, { sessionId, type, key: `once:${type}` });
    const types = (await listEvents(fixture.db, { sessionId, after: 1 })).map((event) => event.type);
    expect(types).toEqual([...EVENT_TYPES]);
  });

  test('numbers the events of 20 concurrent writers without gaps', async () => {
    const sessionId = await session();
    await Promise.all(
      upTo(20).map(async (writer) => {
        for (const n of upTo(10)) {
          await appendEvent(fixture.db, { sessionId, type: 'agent_turn', task: writer, data: { n } });
        }
      }),
    );
    const events = await listEvents(fixture.db, { sessionId });
    expect(numbers(events)).toEqual(upTo(201));
    for (const writer of upTo(20)) {
      const own = events.filter((event) => event.task === writer).map((event) => event.data.n);
      expect(own).toEqual(upTo(10));
    }
  });

  test('drops a second event with the same key, and burns no number on it', async () => {
    const sessionId = await session();
    const once = () => appendEvent(fixture.db, { sessionId, type: 'merge_started', key: 'merge:1' });
    const results = await Promise.all(upTo(20).map(once));
    expect(results.filter((seq) => seq !== null)).toEqual([2]);
    expect(await appendEvent(fixture.db, { sessionId, type: 'epic_merged' })).toBe(3);
  });

  test('leaves no gap when a transaction is rolled back', async () => {
    const sessionId = await session();
    const failing = fixture.db.transaction(async (tx) => {
      await appendEvent(tx, { sessionId, type: 'merge_started' });
      throw new Error('no merge');
    });
    await expect(failing).rejects.toThrow('no merge');
    expect(await appendEvent(fixture.db, { sessionId, type: 'epic_merged' })).toBe(2);
  });

  test('refuses an event of no session', async () => {
    await expect(appendEvent(fixture.db, { sessionId: 999_999, type: 'epic_merged' })).rejects.toThrow(
      'there is no session 999999',
    );
  });

  test('stores what PostgreSQL cannot, replaced', async () => {
    const sessionId = await session();
    await appendEvent(fixture.db, {
      sessionId,
      type: 'attention_needed',
      data: { 'a\0': 'b\0\ud800', path: '\\u0000' },
    });
    const [event] = await listEvents(fixture.db, { sessionId, after: 1 });
    expect(event!.data).toEqual({ 'a\ufffd': 'b\ufffd\ufffd', path: '\\u0000' });
  });
});

/** Follows until `count` events have come; `onEvent` runs before each is taken. */
function follow(
  sessionId: number,
  count: number,
  after = 0,
  onEvent: (seq: number) => Promise<void> = async () => {},
) {
  const stop = new AbortController();
  const events: SessionEvent[] = [];
  const done = followEvents(fixture.db, {
    sessionId,
    after,
    signal: stop.signal,
    onEvent: async (event) => {
      await onEvent(event.seq);
      events.push(event);
      if (events.length === count) stop.abort();
    },
  });
  return { events, done, stop };
}

/** Ends the connections that listen, as a restart of the server would. */
const cutListeners = () =>
  fixture.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query like 'listen%' and pid <> pg_backend_pid()`,
  );

describe('following', () => {
  test('hands over what was there and what comes, in order', async () => {
    const sessionId = await session();
    await appendEvent(fixture.db, { sessionId, type: 'merge_started' });
    const { events, done } = follow(sessionId, 22);
    await Promise.all(upTo(20).map(() => appendEvent(fixture.db, { sessionId, type: 'agent_turn' })));
    await done;
    expect(numbers(events)).toEqual(upTo(22));
  });

  test('starts after the number that it is given', async () => {
    const sessionId = await session();
    for (const n of upTo(4)) await appendEvent(fixture.db, { sessionId, type: 'agent_turn', data: { n } });
    const { events, done } = follow(sessionId, 2, 3);
    await done;
    expect(numbers(events)).toEqual([4, 5]);
  });

  test('hands over each event once when its connection is cut again and again', async () => {
    const sessionId = await session();
    const { events, done } = follow(sessionId, 61);
    for (const n of upTo(60)) {
      await appendEvent(fixture.db, { sessionId, type: 'agent_turn', data: { n } });
      if (n % 20 === 0) await cutListeners();
    }
    await done;
    expect(numbers(events)).toEqual(upTo(61));
  });

  test('ends at once when it is stopped while it waits', async () => {
    const { done, stop } = follow(await session(), 1000);
    setTimeout(() => stop.abort(), 50);
    const started = Date.now();
    await done;
    // It would look by itself after five seconds.
    expect(Date.now() - started).toBeLessThan(4_500);
  });

  test('ends with the error of the callback, even one that looks like a lost connection', async () => {
    const { events, done } = follow(await session(), 2, 0, async () => {
      throw new DatabaseUnavailable('mine');
    });
    await expect(done).rejects.toThrow('mine');
    expect(events).toEqual([]);
  });
});
