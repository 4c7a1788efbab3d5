import { ensureServices } from '../../services/ensure';
import { freePort } from '../../services/ports';
import { serviceStatus } from '../../services/status';
import { testDatabase, testTemporal } from '../support/services';
import { type TestHome, testHome } from '../support/home';

let at: TestHome;
beforeEach(async () => {
  at = await testHome();
});
afterEach(() => at.remove());

test('with both of the user’s own, nothing is started', async () => {
  const database = await testDatabase();
  const { address } = testTemporal();
  const env = { ...at.env, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address };
  const services = await ensureServices({ env, worker: false });
  expect(services).toMatchObject({
    databaseUrl: database.url,
    temporal: { address, namespace: 'default', uiUrl: null },
    started: false,
  });
  expect((await serviceStatus(env)).supervisor).toBeNull();
  await database.drop();
});

test('with one of the user’s own, only the other is started', async () => {
  const { address } = testTemporal();
  const env = { ...at.env, TEMPORAL_ADDRESS: address };
  const services = await ensureServices({ env, worker: false });
  expect(services.temporal.address).toBe(address);
  expect(services.databaseUrl).toContain(`127.0.0.1:${at.env.YOKEFLOW_POSTGRES_PORT}/`);
  const { programs } = await serviceStatus(env);
  expect(programs.map((program) => program.name)).toEqual(['postgres']);
});

test('a server that does not answer is named, with what to do', async () => {
  const port = await freePort();
  const temporal = { ...at.env, TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
  await expect(ensureServices({ env: temporal, worker: false })).rejects.toThrow(
    new RegExp(
      `^Temporal does not answer at 127.0.0.1:${port} \\(TEMPORAL_ADDRESS.*unset TEMPORAL_ADDRESS to use the embedded one$`,
    ),
  );
  const database = { ...at.env, DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/db` };
  const asking = ensureServices({ env: database, worker: false });
  await expect(asking).rejects.toThrow(
    new RegExp(`^PostgreSQL does not answer at 127.0.0.1:${port} \\(DATABASE_URL`),
  );
  await expect(asking).rejects.not.toThrow(/hunter2/);
});

test('a namespace that is not there is named', async () => {
  const env = { ...at.env, TEMPORAL_ADDRESS: testTemporal().address, TEMPORAL_NAMESPACE: 'absent' };
  await expect(ensureServices({ env, worker: false })).rejects.toThrow(/has no namespace "absent"/);
});
