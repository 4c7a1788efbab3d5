import { startAttempt } from '../../../db/task/attempt-start';
import { costReport } from '../../../db/cost/cost-report';
import { takeLease } from '../../../db/worktree/leases';
import { getSession } from '../../../db/session/sessions';
import { getTask } from '../../../db/task/tasks';
import { recordTurn, type NewTurn } from '../../../db/task/turns';
import type { AgentName } from '../../../domain/model';
import { openFixture, type Fixture } from '../database';
import { runningSession, type RunningSession } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function given(
  running: RunningSession,
  { task, agent, model = null }: { task: number; agent: AgentName; model?: string | null },
  turns: NewTurn[],
) {
  const { db } = fixture;
  const worktreeId = task === 3 ? running.frontend.id : running.backend.id;
  const key = `${task}-${Math.random()}`;
  const lease = await takeLease(db, { worktreeId, holder: key, staleAfterMs: 0 });
  if (lease.kind !== 'taken') throw new Error(`the lease is held by ${lease.holder}`);
  const { id: taskId } = await getTask(db, { projectId: running.projectId, task });
  const place = { taskId, sessionId: running.session.id, worktreeId, key, token: lease.token };
  const { attempt } = await startAttempt(db, { ...place, agent, model });
  for (const turn of turns) await recordTurn(db, { attemptId: attempt.id, token: lease.token, ...turn });
}

const report = ({ projectId }: RunningSession) => costReport(fixture.db, { projectId });
const usage = (input: number, output: number, cacheWrite = 0, cacheRead = 0) => ({
  input_tokens: input,
  output_tokens: output,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
});

test('every attempt and model has a row, and together they are what the session was charged', async () => {
  const running = await runningSession(fixture.db);
  const answer = (n: number, model: string, costNano: number): NewTurn => ({
    n,
    kind: 'response',
    payload: { model },
    usage: usage(10, 2, 3, 4),
    costNano,
  });
  await given(running, { task: 1, agent: 'claude', model: 'small' }, [
    { n: 0, kind: 'note', toolUseId: 'model', payload: { model: 'small', reason: 'as asked' } },
    answer(1, 'small', 1_000_003),
    answer(2, 'small', 2_000_000),
  ]);
  await given(running, { task: 1, agent: 'claude', model: 'large' }, [answer(1, 'large', 5_000_000)]);
  await given(running, { task: 3, agent: 'claude', model: 'small' }, [answer(1, 'small', 7)]);
  await given(running, { task: 2, agent: 'script' }, []);
  const rows = await report(running);
  expect(
    rows.map(({ epic, task, attempt, model, costNano }) => [epic, task, attempt, model, costNano]),
  ).toEqual([
    [1, 1, 1, 'small', 3_000_003],
    [1, 1, 2, 'large', 5_000_000],
    [2, 3, 1, 'small', 7],
  ]);
  expect(rows[0]).toMatchObject({
    epicName: 'Backend',
    title: 'Task 1',
    status: 'abandoned',
    tokens: { input: 20, output: 4, cacheWrite: 6, cacheRead: 8 },
    unpriced: false,
    incomplete: false,
  });
  const { totalCostUsd } = await getSession(fixture.db, running.session.id);
  expect(rows.reduce((sum, { costNano }) => sum + costNano, 0)).toBe(Math.round(totalCostUsd * 1e9));
});

test('a price that is not known, and a call that failed half-way, are marked', async () => {
  const running = await runningSession(fixture.db);
  await given(running, { task: 1, agent: 'claude', model: 'new' }, [
    { n: 1, kind: 'response', payload: { model: 'new' }, usage: usage(5, 5), costNano: null },
  ]);
  await given(running, { task: 3, agent: 'claude', model: 'small' }, [
    {
      n: 1,
      kind: 'note',
      toolUseId: 'failed-call-1',
      payload: { failedCall: 'overloaded', reservedNano: 9 },
    },
  ]);
  expect(await report(running)).toMatchObject([
    { task: 1, model: 'new', costNano: 0, unpriced: true, incomplete: false },
    { task: 3, model: 'small', costNano: 0, unpriced: false, incomplete: true },
  ]);
});

test('a CLI that tells the cost of its run has one row for it', async () => {
  const running = await runningSession(fixture.db);
  await given(running, { task: 1, agent: 'claude-code', model: 'claude-x' }, [
    { n: 1, kind: 'response', payload: { model: 'claude-x-20260101', usage: usage(8, 1) } },
    { n: 1, kind: 'note', toolUseId: 'r', payload: { event: {}, outcome: { kind: 'done' } }, costNano: 40 },
  ]);
  expect(await report(running)).toMatchObject([
    { model: 'claude-x', tokens: { input: 8, output: 1 }, costNano: 40, unpriced: false },
  ]);
});

test('tokens of a response that was marked as unpriced afterwards are counted once', async () => {
  const running = await runningSession(fixture.db);
  await given(running, { task: 1, agent: 'claude-code', model: 'claude-x' }, [
    { n: 1, kind: 'response', payload: { model: 'claude-x', usage: usage(8, 1) } },
    {
      n: 1,
      kind: 'note',
      toolUseId: 'unpriced',
      payload: { unpriced: 'claude-x' },
      usage: usage(8, 1),
      costNano: null,
    },
  ]);
  expect(await report(running)).toMatchObject([{ tokens: { input: 8, output: 1 }, unpriced: true }]);
});

test("Codex's input without what went through its cache", async () => {
  const running = await runningSession(fixture.db);
  const counts = {
    input_tokens: 100,
    cached_input_tokens: 60,
    cache_write_input_tokens: 30,
    output_tokens: 7,
  };
  await given(running, { task: 1, agent: 'codex', model: 'gpt-x' }, [
    { n: 1, kind: 'response', payload: { type: 'agent_message', text: 'done' } },
    { n: 1, kind: 'note', toolUseId: 'usage-1', payload: { thread: 't' }, usage: counts, costNano: 12 },
  ]);
  expect(await report(running)).toMatchObject([
    { model: 'gpt-x', tokens: { input: 10, output: 7, cacheWrite: 30, cacheRead: 60 } },
  ]);
});

test('a usage that is not made of numbers breaks nothing', async () => {
  const running = await runningSession(fixture.db);
  const odd = { input_tokens: 'many', output_tokens: null, cache_read_input_tokens: 3 };
  await given(running, { task: 1, agent: 'claude', model: 'm' }, [
    { n: 1, kind: 'response', payload: 'text', usage: odd, costNano: 1 },
  ]);
  expect(await report(running)).toMatchObject([
    { model: 'm', tokens: { input: 0, output: 0, cacheWrite: 0, cacheRead: 3 }, costNano: 1 },
  ]);
});

test('one session alone', async () => {
  const running = await runningSession(fixture.db);
  await given(running, { task: 1, agent: 'claude', model: 'm' }, [
    { n: 1, kind: 'response', payload: {}, usage: usage(1, 1), costNano: 1 },
  ]);
  const { projectId, session } = running;
  expect(await costReport(fixture.db, { projectId, sessionId: session.id })).toHaveLength(1);
  expect(await costReport(fixture.db, { projectId, sessionId: session.id + 1_000 })).toEqual([]);
});
