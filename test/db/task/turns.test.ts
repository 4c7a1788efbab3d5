import { getAttempt } from '../../../db/task/attempts';
import { spent } from '../../../db/cost/costs';
import { listEvents } from '../../../db/events/events';
import { getSession } from '../../../db/session/sessions';
import { listTurns, recordTurn, type NewTurn } from '../../../db/task/turns';
import { openFixture, type Fixture } from '../database';
import { begin, runningAttempt, type RunningAttempt } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const record = ({ attempt, token }: RunningAttempt, turn: NewTurn) =>
  recordTurn(fixture.db, { attemptId: attempt.id, token, ...turn });
const CENT = 10_000_000;

test('a turn is recorded and paid once', async () => {
  const running = await runningAttempt(fixture.db);
  const turn = { n: 0, kind: 'response', payload: { text: 'hi\0' }, usage: { input: 10 }, costNano: CENT };
  const results = await Promise.all([1, 2, 3].map(() => record(running, turn)));
  expect(results.sort()).toEqual(['exists', 'exists', 'recorded']);
  const { session, attempt } = running;
  expect((await getAttempt(fixture.db, attempt.id)).costUsd).toBe(0.01);
  expect((await getSession(fixture.db, session.id)).totalCostUsd).toBe(0.01);
  const { rows } = await fixture.db.query('select total_cost from yokeflow.sessions where id = $1', [
    session.id,
  ]);
  expect(rows).toEqual([{ total_cost: 0.01 }]);
  const events = await listEvents(fixture.db, { sessionId: session.id, after: 2 });
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['agent_turn', { attempt: 1, n: 0 }],
    ['cost_update', { costUsd: 0.01, taskCostUsd: 0.01, sessionCostUsd: 0.01, unknown: false }],
  ]);
  expect(await listTurns(fixture.db, attempt.id)).toMatchObject([
    { n: 0, kind: 'response', payload: { text: 'hi\ufffd' }, usage: { input: 10 }, costUsd: 0.01 },
  ]);
});

test('turns come back in the order in which they were written', async () => {
  const running = await runningAttempt(fixture.db);
  await record(running, { n: 0, kind: 'response', payload: 1 });
  await record(running, { n: 0, kind: 'tool_result', toolUseId: 'b', payload: 2 });
  await record(running, { n: 0, kind: 'tool_result', toolUseId: 'a', payload: 3 });
  await record(running, { n: 1, kind: 'response', payload: 4 });
  const turns = await listTurns(fixture.db, running.attempt.id);
  expect(turns.map((turn) => turn.payload)).toEqual([1, 2, 3, 4]);
});

test('the cost of failed attempts counts for task and session', async () => {
  const running = await runningAttempt(fixture.db);
  await record(running, { n: 0, kind: 'response', payload: {}, costNano: CENT });
  const second = { ...running, ...(await begin(fixture.db, running, 1, 'try-2')) };
  await record(second, { n: 0, kind: 'response', payload: {}, costNano: 2 * CENT });
  const { taskId } = running.attempt;
  expect(await spent(fixture.db, { sessionId: running.session.id, taskId })).toEqual({
    sessionUsd: 0.03,
    taskUsd: 0.03,
  });
  expect((await getAttempt(fixture.db, second.attempt.id)).costUsd).toBe(0.02);
});

test('a price that is not known is never taken for nothing', async () => {
  const running = await runningAttempt(fixture.db);
  await record(running, { n: 0, kind: 'response', payload: {}, usage: { input: 1 }, costNano: null });
  expect(await getAttempt(fixture.db, running.attempt.id)).toMatchObject({ costUsd: 0, costUnknown: true });
  expect((await getSession(fixture.db, running.session.id)).costUnknown).toBe(true);
});
