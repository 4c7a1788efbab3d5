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
  const run = async (work: (worked: () => void) => Promise<unknown>) => {
    let told = -1;
    const scope = { attempt: await getAttempt(fixture.db, attempt.id), lease: { token }, agent: { resumes } };
    await withAgentTime(fixture.db, scope as Parameters<typeof withAgentTime>[1], (spentMs, worked) => {
      told = spentMs;
      return work(worked);
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

test('what it waited for an API that did not answer is not its time', async () => {
  const { run } = await setUp(true);
  const away = Object.assign(new Error('no answer'), { type: 'ProviderUnavailable' });
  const first = await run(async () => {
    await sleep(200);
    throw away;
  });
  expect(first.noted).toBe(0);
  const second = await run(async (worked) => {
    await sleep(50);
    worked();
    await sleep(2_000);
    throw away;
  });
  expect(second.noted).toBeGreaterThanOrEqual(45);
  expect(second.noted).toBeLessThan(1_900);
});

test('one that starts over has all of it again', async () => {
  const { run } = await setUp(false);
  await run(() => sleep(50));
  expect(await run(() => sleep(50))).toEqual({ told: 0, noted: 0 });
});
