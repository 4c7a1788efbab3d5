import { openDatabase } from '../../db/connection/connection';
import { releaseLease, takeLease } from '../../db/worktree/leases';
import { migrate } from '../../db/connection/migrate';
import { ensureServices } from '../../services/ensure';
import { findServices } from '../../services/find';
import { identify } from '../../services/process-identity';
import { serviceStatus } from '../../services/status';
import { waitUntil } from '../../services/wait';
import { runningSession } from '../db/scenario';
import { testDatabase, testTemporal, type TestDatabase } from '../support/services';
import { type TestHome, testHome } from '../support/home';

let at: TestHome;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  [at, database] = await Promise.all([testHome(), testDatabase()]);
  env = { ...at.env, DATABASE_URL: database.url, TEMPORAL_ADDRESS: testTemporal().address };
});
afterEach(async () => {
  await at.remove();
  await database.drop();
});

async function worker() {
  const { programs } = await serviceStatus(env);
  return programs.find(({ name }) => name === 'worker')!;
}

test('with services of the user’s own, only the worker is supervised, and started again when it dies', async () => {
  expect((await ensureServices({ env })).started).toBe(true);
  const { programs } = await serviceStatus(env);
  expect(programs.map(({ name }) => name)).toEqual(['worker']);
  const { pid } = await worker();
  process.kill(pid, 'SIGKILL');
  expect(await waitUntil(async () => (await worker()).pid !== pid, 10_000)).toBe(true);
  expect((await ensureServices({ env })).started).toBe(false);
});

test('a command that needs no worker starts none of its own, but one along with services that have to be started', async () => {
  await findServices({ env, worker: 'welcome' });
  expect((await serviceStatus(env)).programs).toEqual([]);

  delete env.TEMPORAL_ADDRESS;
  await findServices({ env, worker: 'welcome' });
  expect((await serviceStatus(env)).programs.map(({ name }) => name)).toEqual(['temporal', 'worker']);
  expect((await ensureServices({ env })).started).toBe(false);
});

test('a key for agents that the worker does not have yet restarts an idle one, and no other; a missing one nothing', async () => {
  await ensureServices({ env });
  const { pid } = await worker();
  const said: string[] = [];
  const withKey = { ...env, ANTHROPIC_API_KEY: 'a key', YOKEFLOW_MIN_FREE_MB: '10' };
  await migrate(database.url);
  const db = openDatabase(database.url);
  const { backend } = await runningSession(db);
  const lease = await takeLease(db, { worktreeId: backend.id, holder: 'an agent', staleAfterMs: 0 });
  const atWork = await ensureServices({ env: withKey, onProgress: (line) => said.push(line) });
  expect(atWork.started).toBe(false);
  expect(said).toEqual([
    'other settings for the worker here: ANTHROPIC_API_KEY, YOKEFLOW_MIN_FREE_MB. Agents are at work, so the services stay ' +
      'as they are; to apply it: yokeflow down && yokeflow up',
  ]);
  expect(await identify(pid)).not.toBeNull();

  await releaseLease(db, { worktreeId: backend.id, token: lease.kind === 'taken' ? lease.token : 0 });
  await db.close();
  await ensureServices({ env: withKey, onProgress: (line) => said.push(line) });
  expect(said[1]).toBe(
    'restarting the services: other settings for the worker here: ANTHROPIC_API_KEY, YOKEFLOW_MIN_FREE_MB',
  );
  expect(await identify(pid)).toBeNull();
  expect((await ensureServices({ env })).started).toBe(false);
});
