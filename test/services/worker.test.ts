import { Client } from '@temporalio/client';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isPolled } from '../../client/session/worker-watch';
import { openDatabase } from '../../db/connection/connection';
import { releaseLease, takeLease } from '../../db/worktree/leases';
import { migrate } from '../../db/connection/migrate';
import { built } from '../../services/built';
import { runChecks } from '../../services/doctor';
import { ensureServices, peekServices } from '../../services/ensure';
import { findServices } from '../../services/find';
import { identify } from '../../processes/identity';
import { serviceStatus } from '../../services/status';
import { agentKeysOf, differingKeys } from '../../services/supervision/fingerprint';
import { withTemporal } from '../../services/temporal/reachable';
import { waitUntil } from '../../services/wait';
import { runningSession } from '../db/scenario';
import { testDatabase, testNamespace, testTemporal, type TestDatabase } from '../support/services';
import { type TestHome, testHome } from '../support/home';
import { takePortOf } from '../support/taken-port';

let at: TestHome;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  let namespace: string;
  [at, database, namespace] = await Promise.all([testHome(), testDatabase(), testNamespace()]);
  const temporal = { TEMPORAL_ADDRESS: testTemporal().address, TEMPORAL_NAMESPACE: namespace };
  env = { ...at.env, DATABASE_URL: database.url, ...temporal };
});
afterEach(async () => {
  await at.remove();
  await database.drop();
});

function withEmbeddedTemporal(): void {
  delete env.TEMPORAL_ADDRESS;
  delete env.TEMPORAL_NAMESPACE;
}

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
  expect(await waitUntil(async () => (await worker()).pid !== pid, 20_000)).toBe(true);
  expect((await ensureServices({ env })).started).toBe(false);
});

test('a command that needs no worker starts none of its own, but one along with services that have to be started', async () => {
  await findServices({ env, worker: 'welcome' });
  expect((await serviceStatus(env)).programs).toEqual([]);

  withEmbeddedTemporal();
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
    'other settings for the worker here: ANTHROPIC_API_KEY, YOKEFLOW_MIN_FREE_MB. A session may be at work, so the services stay ' +
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
  expect((await serviceStatus(withKey)).worker?.kept).toEqual([]);
  expect((await serviceStatus(env)).worker?.kept).toEqual(['ANTHROPIC_API_KEY', 'YOKEFLOW_MIN_FREE_MB']);
  expect((await runChecks(env)).find(({ name }) => name === 'settings')).toMatchObject({
    ...{
      status: 'warn',
      detail: 'the worker keeps ANTHROPIC_API_KEY, YOKEFLOW_MIN_FREE_MB, which is not set here',
    },
  });
});

test('where an upgrade has taken the Node away that they run with, the one that is found now runs the worker, and then all', async () => {
  const old = path.join(at.home, 'old-node');
  await copyFile(process.execPath, old);
  await promisify(execFile)(old, [built('client/main.js'), 'up'], { env });
  await rm(old);
  const { pid } = await worker();
  process.kill(pid, 'SIGKILL');
  const isBack = async () => {
    const now = await worker();
    return now?.running === true && now.pid !== pid;
  };
  expect(await waitUntil(isBack, 30_000)).toBe(true);

  const said: string[] = [];
  expect((await ensureServices({ env, onProgress: (line) => said.push(line) })).started).toBe(true);
  expect(said[0]).toBe('restarting the services: the Node that they run with is gone');
  expect((await ensureServices({ env })).started).toBe(false);
});

test.each(['GH_TOKEN', 'GITHUB_TOKEN', 'GH_CONFIG_DIR', 'SSH_AUTH_SOCK', 'https_proxy', 'SSL_CERT_FILE'])(
  'another %s is noticed, and only a hash of it is kept',
  (name) => {
    const [before, after] = ['/run/one', '/run/two'].map((value) =>
      agentKeysOf({ [name]: value, PATH: value }),
    );
    expect(differingKeys(before!, after!)).toEqual([name]);
    expect(JSON.stringify([before, after])).not.toContain('/run');
  },
);

test('a file is the same by its relative and its absolute path', () => {
  const name = 'TEMPORAL_TLS_SERVER_CA_CERT_PATH';
  const [relative, absolute] = ['ca.pem', path.resolve('ca.pem')].map((file) =>
    agentKeysOf({ [name]: file }),
  );
  expect(differingKeys(relative!, absolute!)).toEqual([]);
});

test('another ssh agent restarts an idle worker only where the one that it has is gone', async () => {
  const [one, other] = [createServer(), createServer()];
  const sockets = [one, other].map((server, index) => {
    const socket = path.join(at.home, `agent-${index}`);
    server.listen(socket);
    return socket;
  });
  const ensure = (socket: string) => ensureServices({ env: { ...env, SSH_AUTH_SOCK: socket } });
  await ensure(sockets[0]!);
  const { pid } = await worker();
  expect((await ensure(sockets[1]!)).started).toBe(false);
  expect((await worker()).pid).toBe(pid);
  await new Promise((resolve) => one.close(resolve));
  expect((await ensure(sockets[1]!)).started).toBe(true);
  expect((await worker()).pid).not.toBe(pid);
  await new Promise((resolve) => other.close(resolve));
});

test('services in which only a worker of a terminal is at work are not restarted for one in the background', async () => {
  withEmbeddedTemporal();
  await ensureServices({ env, worker: false });
  await migrate(database.url);
  const db = openDatabase(database.url);
  const { backend } = await runningSession(db);
  const lease = await takeLease(db, { worktreeId: backend.id, holder: 'an agent', staleAfterMs: 0 });
  const said: string[] = [];
  const ensure = () => ensureServices({ env, onProgress: (line) => said.push(line) });
  expect((await ensure()).started).toBe(false);
  expect(said).toEqual([
    'no worker runs in the background. A session may be at work, so the services stay as they are; to apply it: yokeflow down && yokeflow up',
  ]);
  await releaseLease(db, { worktreeId: backend.id, token: lease.kind === 'taken' ? lease.token : 0 });
  await db.close();
  await ensure();
  expect(said).toContain('restarting the services: no worker runs in the background');
  expect((await serviceStatus(env)).programs.map(({ name }) => name)).toEqual(['temporal', 'worker']);
});

test.each([
  ['SIGTERM', 'SIGTERM'],
  ['SIGHUP', 'SIGTERM'],
] as const)(
  'a worker that is told to stop by %s, and then once more, stops as it would have',
  async (first, then) => {
    const child = spawn(process.execPath, [built('worker/main.js')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (text: Buffer) => void (said += text.toString()));
    expect(await waitUntil(async () => said.includes('RUNNING'), 30_000)).toBe(true);
    // A terminal that is closed takes nothing any more.
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill(first);
    await sleep(20);
    child.kill(then);
    expect(await ended).toEqual([0, null]);
  },
);

test('a second worker goes along when Temporal comes back at another port', async () => {
  withEmbeddedTemporal();
  const before = await ensureServices({ env, worker: false });
  const child = spawn(process.execPath, [built('client/main.js'), 'worker'], { env });
  let said = '';
  child.stderr.on('data', (text: Buffer) => void (said += text.toString()));
  const ended = once(child, 'exit');
  const port = Number(before.temporal.address.split(':')[1]);
  let other: Server | undefined;
  const isPolledAt = (address: string) =>
    withTemporal({ address }, 5_000, (connection) =>
      isPolled(new Client({ connection }), AbortSignal.timeout(5_000)),
    ).catch(() => false);
  try {
    expect(await waitUntil(async () => (await isPolledAt(before.temporal.address)) === true, 30_000)).toBe(
      true,
    );
    other = await takePortOf(env, 'temporal', port);
    const polled = async () => {
      const now = await peekServices(env);
      if (!now || now.temporal.address === before.temporal.address) return false;
      return (await isPolledAt(now.temporal.address)) === true;
    };
    expect(await waitUntil(polled, 60_000)).toBe(true);
    expect(said).toMatch(/services are gone.*it has stopped[^]*services are back: the worker starts again/);
  } finally {
    other?.close();
    child.kill('SIGTERM');
    await ended;
  }
}, 120_000);
