import { ensureServices } from '../../services/ensure';
import { findServices } from '../../services/find';
import { identify } from '../../services/process-identity';
import { serviceStatus } from '../../services/status';
import { waitUntil } from '../../services/wait';
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

test('a key for agents that the worker does not have yet restarts it; a missing one does not', async () => {
  await ensureServices({ env });
  const { pid } = await worker();
  const said: string[] = [];
  const withKey = { ...env, ANTHROPIC_API_KEY: 'a key' };
  await ensureServices({ env: withKey, onProgress: (line) => said.push(line) });
  expect(said[0]).toMatch('the settings of agents or notifications changed');
  expect(await identify(pid)).toBeNull();
  expect((await ensureServices({ env })).started).toBe(false);
});
