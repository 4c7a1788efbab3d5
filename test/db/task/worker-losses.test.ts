import { recordTurn } from '../../../db/task/turns';
import { countWorkerLoss, workerLosses } from '../../../db/task/worker-losses';
import { openFixture, type Fixture } from '../database';
import { runningAttempt } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

test('losses of the worker are counted from the last turn that the try recorded', async () => {
  const { attempt, token } = await runningAttempt(fixture.db);
  const owner = { attemptId: attempt.id, token };
  expect(await countWorkerLoss(fixture.db, owner)).toBe(1);
  expect(await countWorkerLoss(fixture.db, owner)).toBe(2);
  expect(await workerLosses(fixture.db, attempt.id)).toBe(2);
  await recordTurn(fixture.db, { ...owner, n: 1, kind: 'note', payload: {} });
  expect(await workerLosses(fixture.db, attempt.id)).toBe(0);
  expect(await countWorkerLoss(fixture.db, owner)).toBe(1);
});
