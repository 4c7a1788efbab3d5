import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runChecks } from '../../services/doctor';
import { ensureServices } from '../../services/ensure';
import { freePort } from '../../services/ports';
import { testTemporal } from '../support/services';
import { type TestHome, testHome } from '../support/home';

let at: TestHome;
beforeEach(async () => {
  at = await testHome();
});
afterEach(() => at.remove());

async function found(env: NodeJS.ProcessEnv) {
  const checks = await runChecks(env);
  return Object.fromEntries(checks.map(({ name, ...check }) => [name, check]));
}

test('what agents and landing need of this machine, each with what to do', async () => {
  const bare = { ...at.env, ANTHROPIC_API_KEY: undefined };
  expect(await found({ ...bare, PATH: `${at.home}:${process.env.PATH}` })).toMatchObject({
    'git features': { ok: true },
    ANTHROPIC_API_KEY: { ok: 'warn', remedy: expect.stringContaining('export ANTHROPIC_API_KEY=') },
    notifications: { ok: true, detail: expect.stringContaining('set YOKEFLOW_NOTIFY_COMMAND') },
  });
  const wrong = await found({ ...bare, ANTHROPIC_API_KEY: 'sk-ant-1\n', PATH: at.home });
  expect(wrong).toMatchObject({
    ANTHROPIC_API_KEY: { ok: false, detail: 'holds blanks or line ends' },
    Codex: { ok: 'warn', detail: 'no command "codex"', remedy: expect.stringContaining('npm install -g') },
  });
  expect(JSON.stringify(wrong)).not.toContain('sk-ant-1');
});

test('git that does not start for a mistake in its configuration is not git that is missing', async () => {
  const broken = path.join(at.home, 'gitconfig');
  await writeFile(broken, '[broken\n');
  expect(await found({ ...at.env, GIT_CONFIG_GLOBAL: broken })).toMatchObject({
    git: { ok: false, detail: `fatal: bad config line 1 in file ${broken}` },
    'git features': { ok: false, detail: expect.stringContaining('bad config line 1') },
  });
});

test('nothing runs: each embedded service by itself, with what starts it', async () => {
  const ports = [at.env.YOKEFLOW_POSTGRES_PORT, at.env.YOKEFLOW_TEMPORAL_PORT, at.env.YOKEFLOW_UI_PORT];
  const notRunning = { ok: 'warn', detail: 'embedded, not running', remedy: 'run `yokeflow up`' };
  expect(await found(at.env)).toMatchObject({
    PostgreSQL: notRunning,
    Temporal: notRunning,
    ports: { ok: true, detail: `${ports.join(', ')} free` },
  });
});

test('a Temporal of the user’s own, and the embedded PostgreSQL: both are asked, its port is ours', async () => {
  const { address } = testTemporal();
  const env = { ...at.env, TEMPORAL_ADDRESS: address };
  await ensureServices({ env, worker: false });
  const checks = await found(env);
  expect(checks).toMatchObject({
    PostgreSQL: { ok: true, detail: expect.stringMatching(/^embedded, \d+.*schema not made yet$/) },
    Temporal: {
      ok: true,
      detail: `TEMPORAL_ADDRESS, ${address}, namespace default, search attributes registered`,
    },
    ports: { ok: true, detail: `${at.env.YOKEFLOW_POSTGRES_PORT} used by the services that run` },
  });
  expect(checks.settings).toBeUndefined();

  const absent = `127.0.0.1:${await freePort()}`;
  expect(await found({ ...at.env, TEMPORAL_ADDRESS: absent })).toMatchObject({
    PostgreSQL: { ok: true, detail: expect.stringMatching(/^embedded, \d+/) },
    Temporal: { ok: false, detail: `TEMPORAL_ADDRESS, ${absent}, namespace default: it does not answer` },
    settings: { ok: false, remedy: expect.stringContaining('yokeflow down') },
  });
});

test('a PostgreSQL of the user’s own that is not there fails, without its password', async () => {
  const url = `postgres://u:hunter2@127.0.0.1:${await freePort()}/db`;
  const { PostgreSQL } = await found({ ...at.env, DATABASE_URL: url });
  expect(PostgreSQL).toMatchObject({ ok: false, remedy: 'start it, or correct or unset DATABASE_URL' });
  expect(JSON.stringify(PostgreSQL)).not.toContain('hunter2');
});
