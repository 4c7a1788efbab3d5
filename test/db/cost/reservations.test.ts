import { abandonAttempts, completeTask, failAttempt } from '../../../db/task/attempt-end';
import { failTask } from '../../../db/task/task-status';
import { MAX_BUDGET_USD } from '../../../domain/cost/budget';
import { releaseLease, takeLease } from '../../../db/worktree/leases';
import { releaseReservation, reserve, settleInterrupted, type CallNeed } from '../../../db/cost/reservations';
import { setBudget } from '../../../db/session/session-budget';
import { getSession } from '../../../db/session/sessions';
import { spendingRoom } from '../../../db/cost/spending-room';
import { recordTurn } from '../../../db/task/turns';
import { openFixture, type Fixture } from '../database';
import { begin, commitId, runningAttempt, type RunningAttempt } from '../scenario';

const CENT = 10_000_000;
const staleAfterMs = 30_000;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture(20);
});
afterAll(() => fixture.close());

type Running = Pick<RunningAttempt, 'attempt' | 'token'>;
const owner = ({ attempt, token }: Running) => ({ attemptId: attempt.id, token });
const need = (cents: number): CallNeed => ({
  leastNano: cents * CENT,
  comfortNano: cents * CENT,
  mostNano: cents * CENT,
});
const ask = (running: Running, wanted: CallNeed) =>
  reserve(fixture.db, { ...owner(running), ...wanted, staleAfterMs });
const pay = (running: Running, n: number, cents: number) =>
  recordTurn(fixture.db, {
    ...owner(running),
    n,
    kind: 'response',
    payload: {},
    usage: {},
    costNano: cents * CENT,
  });

/** Two agents at work in one session, in a worktree each. */
async function twoAgents(limits: { budgetUsd?: number; taskBudgetUsd?: number }) {
  const one = await runningAttempt(fixture.db);
  const two = await begin(fixture.db, one, 3, 'try-1');
  await setBudget(fixture.db, { sessionId: one.session.id, ...limits });
  return { one, two, sessionId: one.session.id };
}

test('two calls at once never promise the same money: the second one waits for what the first leaves', async () => {
  const { one, two } = await twoAgents({ budgetUsd: 0.05 });
  expect(await ask(one, need(3))).toEqual({ kind: 'granted', nano: 3 * CENT });
  expect(await ask(two, need(3))).toEqual({ kind: 'busy' });
  await pay(one, 1, 1);
  expect(await ask(two, need(3))).toMatchObject({ kind: 'granted', nano: 3 * CENT });
});

test('both ask at the same moment: one of them gets it', async () => {
  const { one, two } = await twoAgents({ budgetUsd: 0.05 });
  for (let round = 0; round < 10; round++) {
    const asked = await Promise.all([ask(one, need(3)), ask(two, need(3))]);
    expect(asked.map(({ kind }) => kind).sort()).toEqual(['busy', 'granted']);
    await Promise.all([one, two].map((running) => releaseReservation(fixture.db, owner(running))));
  }
});

test('a call takes less than it could use, down to what makes it worth while; below that it is held', async () => {
  const { one } = await twoAgents({ budgetUsd: 0.05 });
  const wanted = { leastNano: CENT, comfortNano: 4 * CENT, mostNano: 30 * CENT };
  expect(await ask(one, wanted)).toMatchObject({ kind: 'granted', nano: 5 * CENT });
  await pay(one, 1, 4.5);
  expect(await ask(one, wanted)).toMatchObject({
    kind: 'held',
    room: { scope: 'session', leftAloneNano: 0.5 * CENT, uncertainNano: 0 },
  });
  await setBudget(fixture.db, { sessionId: one.session.id, budgetUsd: 1 });
  expect(await ask(one, wanted)).toMatchObject({ kind: 'granted', nano: 30 * CENT });
});

test('while others hold money, a call waits for a comfortable amount instead of being cut short', async () => {
  const { one, two } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(3));
  const wanted = { leastNano: CENT, comfortNano: 4 * CENT, mostNano: 30 * CENT };
  expect(await ask(two, wanted)).toMatchObject({ kind: 'busy' });
  await releaseReservation(fixture.db, owner(one));
  expect(await ask(two, wanted)).toMatchObject({ kind: 'granted', nano: 5 * CENT });
});

test('asked again, a call takes the place of what was set aside for it: nobody knows whether that was heard', async () => {
  const { one, two, sessionId } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(3));
  expect(await ask(one, need(3))).toEqual({ kind: 'granted', nano: 3 * CENT });
  expect(await ask(two, need(2))).toMatchObject({ kind: 'granted' });
  expect((await getSession(fixture.db, sessionId)).costUnknown).toBe(false);
});

test("a task's own budget holds it, whatever the session has", async () => {
  const { one, two } = await twoAgents({ budgetUsd: 1, taskBudgetUsd: 0.02 });
  await ask(two, need(2));
  expect(await ask(one, need(3))).toMatchObject({
    kind: 'held',
    room: { scope: 'task', leftAloneNano: 2 * CENT },
  });
  expect(await ask(one, need(2))).toMatchObject({ kind: 'granted' });
});

test('what a dead attempt had set aside is free once its lease is stale or released', async () => {
  const { one, two } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(5));
  expect(await ask(two, need(3))).toMatchObject({ kind: 'busy' });
  const late = { ...owner(two), ...need(3), staleAfterMs: -1_000 };
  expect(await reserve(fixture.db, late)).toMatchObject({ kind: 'granted' });
  await releaseReservation(fixture.db, owner(two));
  await releaseLease(fixture.db, { worktreeId: one.backend.id, token: one.token });
  expect(await ask(two, need(3))).toMatchObject({ kind: 'granted' });
});

test.each<[string, (running: RunningAttempt) => Promise<unknown>]>([
  [
    'another one has taken its lease',
    ({ backend }) =>
      takeLease(fixture.db, { worktreeId: backend.id, holder: 'a merge', staleAfterMs: -1_000 }),
  ],
  [
    'it is complete',
    (it) =>
      completeTask(fixture.db, {
        ...owner(it),
        ...{ commit: commitId('c'), baseCommit: commitId('b'), empty: false },
      }),
  ],
])('what an attempt had set aside is free once %s', async (_, end) => {
  const { one, two } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(5));
  await end(one);
  expect(await ask(two, need(3))).toMatchObject({ kind: 'granted' });
});

test('a call that nobody saw the end of: its worst case is told to the successor, and kept out of the budget', async () => {
  const { one, sessionId } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(2));
  expect((await getSession(fixture.db, sessionId)).costUnknown).toBe(false);
  const again = await begin(fixture.db, one, 1, 'try-1');
  await expect(ask(one, need(1))).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(await settleInterrupted(fixture.db, owner(one))).toBe(0);
  expect(await settleInterrupted(fixture.db, owner(again))).toBe(2 * CENT);
  expect(await settleInterrupted(fixture.db, owner(again))).toBe(0);
  expect(await ask(again, need(1))).toEqual({ kind: 'granted', nano: CENT });
  expect(await spendingRoom(fixture.db, { ...owner(again), staleAfterMs })).toMatchObject({
    leftNano: 3 * CENT,
    uncertainNano: 2 * CENT,
  });
  const broken = { n: 1, kind: 'note', payload: {}, uncertainNano: CENT };
  await recordTurn(fixture.db, { ...owner(again), ...broken });
  expect(await ask(again, need(3))).toMatchObject({ kind: 'held', room: { leftAloneNano: 2 * CENT } });
  const { rows } = await fixture.db.query(
    'select total_cost_nano as nano from yokeflow.sessions where id = $1',
    [sessionId],
  );
  expect(rows).toEqual([{ nano: 0 }]);
  // So whoever shows its cost says "at least".
  expect((await getSession(fixture.db, sessionId)).costUnknown).toBe(true);
});

test.each<[string, (running: RunningAttempt) => Promise<unknown>]>([
  ['another attempt at the task', (it) => begin(fixture.db, it, 1, 'try-2')],
  ['its failure', (it) => failAttempt(fixture.db, { ...owner(it), reason: 'out of time', retrying: true })],
  [
    'the failure of its task',
    (it) => failTask(fixture.db, { sessionId: it.session.id, task: 1, reason: 'stopped' }),
  ],
  [
    'the end of its session',
    (it) =>
      abandonAttempts(fixture.db, { sessionId: it.session.id, status: 'abandoned', reason: 'it ended' }),
  ],
])('a call under way that ends with %s may have cost its worst case', async (_, end) => {
  const { one, two, sessionId } = await twoAgents({ budgetUsd: 0.05 });
  await ask(one, need(2));
  await end(one);
  expect(await spendingRoom(fixture.db, { ...owner(two), staleAfterMs })).toMatchObject({
    leftNano: 3 * CENT,
    uncertainNano: 2 * CENT,
  });
  expect((await getSession(fixture.db, sessionId)).costUnknown).toBe(true);
});

test('the largest budget that anybody may set can be reserved from', async () => {
  const { one } = await twoAgents({ budgetUsd: MAX_BUDGET_USD, taskBudgetUsd: MAX_BUDGET_USD });
  expect(await ask(one, need(3))).toMatchObject({ kind: 'granted', nano: 3 * CENT });
});

test('without a budget everything is granted, and still on record', async () => {
  const { one, two, sessionId } = await twoAgents({});
  expect(await ask(one, need(500))).toMatchObject({ kind: 'granted', nano: 500 * CENT });
  await setBudget(fixture.db, { sessionId, budgetUsd: 1 });
  expect(await ask(two, need(1))).toMatchObject({ kind: 'busy' });
});
