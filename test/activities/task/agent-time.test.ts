import { setTimeout as sleep } from 'node:timers/promises';
import { withAgentTime } from '../../../activities/task/agent-time';
import { getAttempt } from '../../../db/task/attempts';
import { openFixture, type Fixture } from '../../db/database';
import { runningAttempt } from '../../db/scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function setUp(resumes: boolean) {
  const { attempt, token } = await runningAttempt(fixture.db);
  const run = async (work: () => Promise<unknown>) => {
    let told = -1;
    const scope = { attempt: await getAttempt(fixture.db, attempt.id), lease: { token }, agent: { resumes } };
    await withAgentTime(fixture.db, scope as Parameters<typeof withAgentTime>[1], (spentMs) => {
      told = spentMs;
      return work();
    }).catch(() => undefined);
    return { told, noted: (await getAttempt(fixture.db, attempt.id)).agentMs };
  };
  return { run };
}

afterEach(() => jest.restoreAllMocks());

test('one that goes on has the rest of its time, whatever ended it, and by no clock that is put forward', async () => {
  const { run } = await setUp(true);
  const first = await run(async () => {
    const ahead = Date.now() + 3_600_000;
    jest.spyOn(Date, 'now').mockImplementation(() => ahead);
    await sleep(100);
  });
  expect(first.told).toBe(0);
  expect(first.noted).toBeGreaterThanOrEqual(95);
  expect(first.noted).toBeLessThan(60_000);
  const second = await run(async () => {
    await sleep(50);
    throw new Error('the API is away');
  });
  expect(second.told).toBe(first.noted);
  expect(second.noted).toBeGreaterThan(second.told);
});

test('one that starts over has all of it again', async () => {
  const { run } = await setUp(false);
  await run(() => sleep(50));
  expect(await run(() => sleep(50))).toEqual({ told: 0, noted: 0 });
});
