import { Client, Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { useTemporal, withConnected, type Connected } from '../../../client/cli/connect';
import { announcePlan } from '../../../client/plan/announce-plan';
import { followSession } from '../../../client/follow/follow';
import { sessionBegin } from '../../../client/follow/session-begin';
import { startSession } from '../../../client/session/session';
import { sessionEnd } from '../../../client/session/session-end';
import type { SessionEvent } from '../../../domain/session/events';
import { openDatabase, type Database } from '../../../db/connection/connection';
import { startAttempt } from '../../../db/task/attempt-start';
import { getTask } from '../../../db/task/tasks';
import { takeLease } from '../../../db/worktree/leases';
import { upsertWorktree } from '../../../db/worktree/worktrees';
import { appendEvent } from '../../../db/events/events';
import { importPlan } from '../../../db/plan/plan-import';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { DatabaseUnavailable } from '../../../db/connection/errors';
import { asUnavailable } from '../../../db/connection/unavailable';
import { ownIdentity } from '../../../processes/identity';
import { homePaths } from '../../../services/home';
import { testDatabase, testTemporal, type TestDatabase } from '../../support/services';
import type { Endpoints } from '../../../services';
import { cli, endpointsOf } from '../captured-cli';

let database: TestDatabase;
let db: Database;
let connection: Connection;
let connected: Connected;

beforeAll(async () => {
  const { address } = testTemporal();
  database = await testDatabase();
  db = openDatabase(database.url);
  connection = await Connection.connect({ address });
  connected = { db, client: new Client({ connection }), endpoints: endpointsOf(database.url, address) };
});
afterAll(async () => {
  await connection.close();
  await db.close();
  await database.drop();
});

/** A project with one task, whose session nobody works on: the test plays the worker. */
async function givenProject(): Promise<{ project: string; projectId: number }> {
  const project = `follow-${randomBytes(4).toString('hex')}`;
  const task = { id: 1, description: 'Schema', action: 'a', priority: 100, dependsOn: [] };
  const plan = { project, epics: [{ id: 1, name: 'Backend', tasks: [task] }] };
  const repository = { path: `/r/${project}`, gitDir: `/r/${project}/.git`, bare: false, baseBranch: 'main' };
  const { projectId } = await importPlan(db, { plan, repository });
  return { project, projectId };
}

/** A try at the one task that goes on. */
async function givenAttempt({
  project,
  projectId,
  sessionId,
}: {
  project: string;
  projectId: number;
  sessionId: number;
}): Promise<void> {
  const { id: taskId } = await getTask(db, { projectId, task: 1 });
  const place = { projectId, epic: 1, path: `/w/${project}`, branchName: 'epic-1-backend' };
  const { id: worktreeId } = await upsertWorktree(db, place);
  const lease = await takeLease(db, { worktreeId, holder: 'agent', staleAfterMs: 30_000 });
  const token = lease.kind === 'taken' ? lease.token : 0;
  await startAttempt(db, { taskId, sessionId, worktreeId, token, key: 'one', agent: 'claude' });
}

const silent = { onNotice: () => undefined, signal: new AbortController().signal };

it('hands over every event once and in order, also those written just before the end', async () => {
  const { project, projectId } = await givenProject();
  const session = await startSession(connected, { project });
  const seen: SessionEvent[] = [];
  const followed = followSession(connected, session, {
    ...silent,
    onEvent: (event) => void seen.push(event),
  });
  const { workflowId, runId } = session;
  const { id: sessionId } = await openSession(db, { projectId, workflowId, runId, options: {} });
  for (let batch = 1; batch <= 600; batch++)
    await appendEvent(db, { sessionId, type: 'batch_started', data: { batch, tasks: 1 } });
  await session.handle.terminate('enough');
  expect(await followed).toEqual({
    sessionId,
    end: { kind: 'failed', message: expect.stringMatching(/terminated|enough/) },
  });
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 601 }, (_, index) => index + 1));
});

it('closes the session whose workflow was terminated, once somebody looks', async () => {
  const { project, projectId } = await givenProject();
  const { workflowId, runId, handle } = await startSession(connected, { project });
  const { id } = await openSession(db, { projectId, workflowId, runId, options: {} });
  const look = async () => (await cli(['status', '--project', project], connected.endpoints)).stdout;
  expect(await look()).toContain(`${project}: session ${id} running`);
  await handle.terminate('enough');
  const after = await look();
  expect(after).toMatch(
    new RegExp(
      `^${project}: session ${id} cancelled in .*: its workflow ended from outside \\(terminated\\)`,
    ),
  );
  expect(after).not.toContain('Now:');
});

it('survives a PostgreSQL that goes away at any of its queries, and says so', async () => {
  const { project, projectId } = await givenProject();
  const session = await startSession(connected, { project });
  const { workflowId, runId } = session;
  const { id: sessionId } = await openSession(db, { projectId, workflowId, runId, options: {} });
  let queries = 0;
  const shaky: Database = {
    ...db,
    query(statement, values) {
      if (queries++ % 2 === 1) return db.query(statement, values);
      const gone = new Error('terminating connection due to unexpected postmaster exit');
      const cause = Object.assign(gone, { code: '57P01' });
      const error = asUnavailable(cause, database.url);
      return Promise.reject(error instanceof Error ? error : gone);
    },
  };
  await session.handle.terminate('enough');
  const seen: number[] = [];
  const notices: string[] = [];
  const { sessionId: followed } = await followSession({ ...connected, db: shaky }, session, {
    signal: new AbortController().signal,
    onNotice: (line) => void notices.push(line),
    onEvent: ({ seq }) => void seen.push(seq),
  });
  expect({ followed, seen }).toEqual({ followed: sessionId, seen: [1] });
  expect(notices).toEqual([
    expect.stringMatching(/^PostgreSQL cannot be used at .*yokeflow up.*Trying again until it answers/),
  ]);
});

it.concurrent(
  'says of a PostgreSQL that is there and silent that it needs a restart',
  async () => {
    const { project, projectId } = await givenProject();
    const session = await startSession(connected, { project });
    await openSession(db, { ...session, projectId, options: {} });
    const relay = await relayTo(new URL(database.url).host);
    const url = Object.assign(new URL(database.url), { host: relay.address });
    const frozen = openDatabase(url.href, { silenceMs: 1_000 });
    const left = new AbortController();
    const notices: string[] = [];
    const followed = followSession({ ...connected, db: frozen }, session, {
      signal: left.signal,
      onNotice(line) {
        if (!line.startsWith('PostgreSQL')) return;
        notices.push(line);
        left.abort();
      },
      onEvent: () => relay.freeze(),
    });
    expect((await followed).end).toEqual({ kind: 'detached' });
    expect(notices).toEqual([expect.stringMatching(/does not answer.*yokeflow down && yokeflow up/)]);
    relay.cut();
    await frozen.close();
    await session.handle.terminate();
  },
  120_000,
);

it.concurrent(
  'whoever leaves need not wait for a PostgreSQL that says nothing',
  async () => {
    const { project, projectId } = await givenProject();
    const session = await startSession(connected, { project });
    await openSession(db, { ...session, projectId, options: {} });
    const relay = await relayTo(new URL(database.url).host);
    const url = Object.assign(new URL(database.url), { host: relay.address });
    const frozen = openDatabase(url.href);
    const left = new AbortController();
    const followed = followSession({ ...connected, db: frozen }, session, {
      ...silent,
      signal: left.signal,
      onEvent: () => relay.freeze(),
    });
    // It has asked by then, and has no answer.
    await sleep(6_000);
    const began = Date.now();
    left.abort();
    expect((await followed).end).toEqual({ kind: 'detached' });
    await frozen.close();
    // It would have waited for a minute.
    expect(Date.now() - began).toBeLessThan(20_000);
    relay.cut();
    await session.handle.terminate();
  },
  120_000,
);

it('tells of each outage of PostgreSQL once', async () => {
  const { project, projectId } = await givenProject();
  const session = await startSession(connected, { project });
  const { id: sessionId } = await openSession(db, { ...session, projectId, options: {} });
  const gone = new DatabaseUnavailable('PostgreSQL is gone');
  let [down, seen] = [false, 0];
  const shaky: Database = {
    ...db,
    connect() {
      return down ? Promise.reject(gone) : db.connect();
    },
  };
  const left = new AbortController();
  const notices: string[] = [];
  const watcher = {
    signal: left.signal,
    onNotice: (line: string) => void (line.startsWith('PostgreSQL') && notices.push(line)),
    onEvent: () => void seen++,
  };
  const followed = followSession({ ...connected, db: shaky }, session, watcher, { steadyMs: 500 });
  for (const outage of [1, 2]) {
    await appendEvent(db, { sessionId, type: 'batch_started', data: { batch: outage, tasks: 1 } });
    while (seen < 1 + outage) await sleep(20);
    // It is well for so long that what comes is another outage.
    await sleep(600);
    down = true;
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query = 'listen yokeflow_events'`,
    );
    while (notices.length < outage) await sleep(50);
    await sleep(1_500);
    expect(notices).toHaveLength(outage);
    down = false;
  }
  left.abort();
  await followed;
  await session.handle.terminate();
});

it.concurrent('leaves no retry behind when Temporal is gone and the connection is closed', async () => {
  const { project } = await givenProject();
  const { address } = testTemporal();
  const relay = await relayTo(address);
  const left = new AbortController();
  const notices: string[] = [];
  const { temporal } = endpointsOf(database.url, relay.address);
  await useTemporal(temporal, async (client) => {
    const session = await startSession({ db, client }, { project });
    const followed = followSession({ ...connected, client }, session, {
      signal: left.signal,
      onNotice(line) {
        notices.push(line);
        left.abort();
      },
      onEvent: () => undefined,
    });
    relay.cut();
    expect((await followed).end).toEqual({ kind: 'detached' });
  });
  // An error outside of every promise would end the process, and this test with it.
  await sleep(1_000);
  expect(notices).toEqual([
    expect.stringMatching(/^Temporal does not answer; trying again.*yokeflow doctor$/),
  ]);
  await connected.client.workflow.getHandle(`yokeflow-${project}`).terminate();
});

it.concurrent('goes on where embedded services come back at other ports', async () => {
  const { project, projectId } = await givenProject();
  const { hostname, port } = new URL(database.url);
  const ways = async () => {
    const [temporal, postgres] = [
      await relayTo(testTemporal().address),
      await relayTo(`${hostname}:${port}`),
    ];
    const url = Object.assign(new URL(database.url), { host: postgres.address });
    const cut = () => [temporal, postgres].forEach((relay) => relay.cut());
    return { endpoints: endpointsOf(url.href, temporal.address), cut };
  };
  const [before, after] = [await ways(), await ways()];
  let now: Endpoints | null = before.endpoints;
  const seen: number[] = [];
  await withConnected(
    before.endpoints,
    async (moving) => {
      const session = await startSession(moving, { project });
      const { workflowId, runId } = session;
      const { id: sessionId } = await openSession(db, { projectId, workflowId, runId, options: {} });
      const followed = followSession(moving, session, {
        ...silent,
        onEvent: ({ seq }) => void seen.push(seq),
      });
      await sleep(500);
      now = null;
      before.cut();
      await appendEvent(db, { sessionId, type: 'batch_started', data: { batch: 1, tasks: 1 } });
      await sleep(1_500);
      now = after.endpoints;
      await sleep(4_000);
      await connected.client.workflow.getHandle(workflowId).terminate('enough');
      expect(await followed).toMatchObject({ sessionId, end: { kind: 'failed' } });
      expect((await getTask(moving.db, { projectId, task: 1 })).number).toBe(1);
    },
    { findNow: async () => now },
  );
  expect(seen).toEqual([1, 2]);
  after.cut();
});

it.concurrent('does not believe a Temporal of another home, which has taken the port meanwhile', async () => {
  const { project } = await givenProject();
  const { workflowId, handle } = await startSession(connected, { project });
  // What is there knows nothing of the session.
  const session = { project, workflowId, runId: randomUUID(), handle };
  const left = new AbortController();
  let home = false;
  const moving = { ...connected, isHome: async () => home };
  const notices: string[] = [];
  const ended = sessionEnd(moving, session, {
    signal: left.signal,
    onNotice: (line) => void notices.push(line),
  });
  try {
    while (!notices.length) await sleep(20);
    expect(await Promise.race([ended, sleep(500)])).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('Temporal does not answer')]);
    home = true;
    expect(await ended).toMatchObject({ kind: 'failed' });
  } finally {
    left.abort();
    await handle.terminate();
  }
});

/** A way to a server that can be cut, as when the server is killed. */
async function relayTo(address: string): Promise<{ address: string; cut(): void; freeze(): void }> {
  const [host, port] = address.split(':');
  const sockets: Socket[] = [];
  let frozen = false;
  const server = createServer((near) => {
    if (frozen) return;
    const far = connect(Number(port), host);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  /** It takes connections, and says nothing more. */
  const freeze = () => {
    frozen = true;
    for (const socket of sockets) socket.unpipe().pause();
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, cut, freeze };
}

it('ends with a session that ended before its first event', async () => {
  const { project } = await givenProject();
  const session = await startSession(connected, { project });
  const followed = followSession(connected, session, { ...silent, onEvent: () => undefined });
  await session.handle.terminate();
  expect(await followed).toMatchObject({ sessionId: null, end: { kind: 'failed' } });
});

it('finds the open session instead of starting a second one', async () => {
  const { project } = await givenProject();
  const first = await startSession(connected, { project });
  const second = await startSession(connected, { project, parallel: true });
  expect({ first: first.started, second: second.started }).toEqual({ first: true, second: false });
  expect(second.runId).toBe(first.runId);
  await first.handle.terminate();
});

it('stops following at once when told to, and the session goes on', async () => {
  const { project } = await givenProject();
  const session = await startSession(connected, { project });
  const interrupted = new AbortController();
  const followed = followSession(connected, session, {
    onNotice: () => undefined,
    onEvent: () => undefined,
    signal: interrupted.signal,
  });
  interrupted.abort();
  expect(await followed).toEqual({ sessionId: null, end: { kind: 'detached' } });
  expect((await session.handle.describe()).status.name).toBe('RUNNING');
  await session.handle.terminate();
});

it('run --detach says that no worker has taken the session yet, within seconds', async () => {
  const { project } = await givenProject();
  const started = Date.now();
  const run = ['run', '--project', project, '--detach'];
  const { code, stdout, stderr } = await cli([...run, '--parallel'], connected.endpoints);
  expect(Date.now() - started).toBeLessThan(15_000);
  const handle = connected.client.workflow.getHandle(`yokeflow-${project}`);
  const { runId } = await handle.describe();
  const link = `http://127.0.0.1:8233/namespaces/default/workflows/yokeflow-${project}/${runId}`;
  // Not `run`: pasted once the session has ended, that would start another.
  const follow = `yokeflow watch --project ${project}`;
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: [`yokeflow-${project}`, `Follow it: ${follow}`, `Web UI: ${link}`].join('\n'),
    stderr: 'It is started, and no worker has taken it yet: if it stays so, see yokeflow doctor',
  });
  const again = await cli([...run, '--json'], connected.endpoints);
  expect(JSON.parse(again.stdout)).toEqual({
    ...{ workflowId: `yokeflow-${project}`, runId, state: 'waiting', link, follow },
  });
  await handle.terminate();
});

it('run --detach whose Temporal goes away after the start says that the session is started', async () => {
  const { project } = await givenProject();
  const session = await startSession(connected, { project });
  const gone = Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: '', metadata: {} });
  const handle = { describe: () => Promise.reject(gone) } as unknown as typeof session.handle;
  const begun = sessionBegin(
    connected,
    { ...session, handle },
    { withinMs: 100, signal: new AbortController().signal },
  );
  expect(await begun).toEqual({ kind: 'silent' });
  await session.handle.terminate();
});

it('a plan that changes while no session is open is left to the next one', async () => {
  const { project } = await givenProject();
  const hint = (...args: (string | number)[]) => args.join(' ');
  expect(await announcePlan(connected.db, connected.endpoints.temporal, project, hint)).toBe(
    'no session is open: the next one runs it',
  );
});

it.each([
  ['pause', 'start one'],
  ['resume', 'start one'],
  ['retry 1', 'just run it again'],
  ['skip 1', 'start one that waits at what fails: yokeflow run --project PROJECT --on-failure wait'],
  ['cancel', 'there is nothing to cancel'],
])('%s without an open session is one line', async (line, remedy) => {
  const { project } = await givenProject();
  const { code, stderr } = await cli([...line.split(' '), '--project', project], connected.endpoints);
  expect(code).toBe(2);
  expect(stderr).toContain(`${project} has no open session: ${remedy.replace('PROJECT', project)}`);
  expect(stderr).not.toContain('\n');
});

it('cancel without a worker says so at once, and what becomes of it', async () => {
  const { project } = await givenProject();
  const { handle } = await startSession(connected, { project });
  const began = Date.now();
  const home = await mkdtemp(path.join(tmpdir(), 'yokeflow-no-worker-'));
  const argv = ['cancel', '--project', project];
  const { code, stderr } = await cli(argv, connected.endpoints, '/', { YOKEFLOW_HOME: home });
  await rm(home, { recursive: true });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      `no worker answers: ${project} is asked to stop, and does so as soon as one runs: ` +
      'yokeflow up, or yokeflow doctor',
  });
  expect(Date.now() - began).toBeLessThan(10_000);
  expect((await handle.describe()).raw.workflowExtendedInfo?.cancelRequested).toBe(true);
  await handle.terminate();
});

it('cancel tells of a session that ends by itself meanwhile as what it is', async () => {
  const { project } = await givenProject();
  const { handle } = await startSession(connected, { project });
  // With a worker that takes its time.
  const home = await mkdtemp(path.join(tmpdir(), 'yokeflow-slow-worker-'));
  const worker = await ownIdentity();
  const programs = [{ name: 'worker', ...worker }];
  await writeFile(homePaths(home).state, JSON.stringify({ supervisor: worker, programs }));
  const argv = ['cancel', '--project', project];
  const cancelled = cli(argv, connected.endpoints, '/', { YOKEFLOW_HOME: home });
  const isAsked = async () => (await handle.describe()).raw.workflowExtendedInfo?.cancelRequested === true;
  while (!(await isAsked())) await sleep(20);
  await handle.terminate('enough');
  expect(await cancelled).toMatchObject({
    ...{ code: 0, stderr: '' },
    stdout: `The session of ${project} has ended by itself (failed): yokeflow status --project ${project}`,
  });
  await rm(home, { recursive: true });
});

it('a Temporal that does not answer is one line that names it', async () => {
  const { code, stderr } = await cli(['pause'], endpointsOf(database.url, '127.0.0.1:1'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'yokeflow: Temporal does not answer at 127.0.0.1:1: see yokeflow doctor',
  });
});

it('retry without an open session: run again as the latest session did', async () => {
  const { project, projectId } = await givenProject();
  const { id: sessionId } = await openSession(db, {
    ...{ projectId, workflowId: `yokeflow-${project}`, runId: 'r', options: { parallel: true } },
  });
  await closeSession(db, { sessionId, status: 'incomplete' });
  const { stderr } = await cli(['retry', '1', '--project', project], connected.endpoints);
  expect(stderr).toContain(`failed tasks are tried again: yokeflow run --project ${project} --parallel`);
  for (const command of ['retry', 'skip', 'cancel'])
    expect(await cli([command, '99', '--project', project], connected.endpoints)).toMatchObject({
      code: 2,
      stderr: `yokeflow: task 99 is not in the plan: see yokeflow plan show --project ${project}`,
    });
});

it('retry with instructions and no open session keeps them for the next run', async () => {
  const { project, projectId } = await givenProject();
  const told = ['--instructions', 'Keep the old API', '--model', 'opus'];
  const { code, stdout } = await cli(['retry', 'T1', ...told, '--project', project], connected.endpoints);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `T1: kept for its next try. Start it: yokeflow run --project ${project}`,
  });
  expect(await getTask(db, { projectId, task: 1 })).toMatchObject({
    retryInstructions: 'Keep the old API',
    retryModel: 'opus',
  });
});

it('events of any session of the project, by its number', async () => {
  const { project, projectId } = await givenProject();
  const open = (runId: string) =>
    openSession(db, { projectId, workflowId: `yokeflow-${project}`, runId, options: {} });
  const first = await open('one');
  await appendEvent(db, { sessionId: first.id, type: 'batch_started', data: { batch: 7, tasks: 1 } });
  await closeSession(db, { sessionId: first.id, status: 'incomplete' });
  const second = await open('two');
  await closeSession(db, { sessionId: second.id, status: 'incomplete' });
  const events = (...args: string[]) => cli(['events', '--project', project, ...args], connected.endpoints);
  expect((await events('--session', String(first.id))).stdout).toContain('batch 7 started');
  expect((await events()).stdout).not.toContain('batch 7 started');
  const other = await givenProject();
  const refused = await cli(
    ['events', '--project', other.project, '--session', String(first.id)],
    connected.endpoints,
  );
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 2,
    stderr: `yokeflow: --session: session ${first.id} is not one of ${other.project}: yokeflow costs --project ${other.project} lists them`,
  });
});

it('events of earlier days name each day once, those of today none', async () => {
  const { project, projectId } = await givenProject();
  const { id } = await openSession(db, { projectId, workflowId: 'w', runId: project, options: {} });
  for (const batch of [1, 2, 3])
    await appendEvent(db, { sessionId: id, type: 'batch_started', data: { batch, tasks: 1 } });
  const days = ['2026-03-01T12:00:00Z', '2026-03-01T12:00:01Z', '2026-03-02T12:00:00Z'];
  for (const [index, at] of days.entries())
    await db.query(
      `update yokeflow.events set created_at = $3 where session_id = $1 and data->>'batch' = $2`,
      [...[id, String(index + 1), at]],
    );
  const { stdout } = await cli(['events', '--project', project, '--after', '1'], connected.endpoints);
  const lines = stdout.split('\n').map((line) => line.replace(/^\d\d:.*batch/, 'batch'));
  expect(lines).toEqual([
    '2026-03-01',
    'batch 1 started (1 task)',
    'batch 2 started (1 task)',
    '2026-03-02',
    'batch 3 started (1 task)',
  ]);
  await db.query('update yokeflow.events set created_at = now() where session_id = $1', [id]);
  const today = await cli(['events', '--project', project, '--after', '1'], connected.endpoints);
  expect(today.stdout.split('\n')).toHaveLength(3);
});

it('what onEvent throws ends all of the following: nobody asks Temporal any more', async () => {
  const { project, projectId } = await givenProject();
  const session = await startSession(connected, { project });
  const { workflowId, runId } = session;
  await openSession(db, { projectId, workflowId, runId, options: {} });
  const calls = jest.spyOn(connected.client, 'withAbortSignal');
  const followed = followSession(connected, session, {
    ...silent,
    onEvent() {
      throw new Error('mine');
    },
  });
  await expect(followed).rejects.toThrow('mine');
  expect(calls.mock.calls.map(([signal]) => signal.aborted)).toEqual([true]);
  calls.mockRestore();
  await session.handle.terminate('enough');
});

it('events after a number that the session never reaches are followed to its end, too', async () => {
  const { project, projectId } = await givenProject();
  const { id } = await openSession(db, {
    projectId,
    workflowId: `yokeflow-${project}`,
    runId: 'one',
    options: {},
  });
  const argv = ['events', '--project', project, '--follow', '--after', '1000'];
  const home = await mkdtemp(path.join(tmpdir(), 'yokeflow-no-worker-'));
  let told = () => {};
  const notice = new Promise<void>((resolve) => (told = resolve));
  const followed = cli(argv, connected.endpoints, '/', { YOKEFLOW_HOME: home }, undefined, () => told());
  await notice;
  await closeSession(db, { sessionId: id, status: 'incomplete' });
  // Nor would it without a worker, which is told.
  const stderr = 'No worker runs, so the session waits. Start one: yokeflow up';
  expect(await followed).toMatchObject({ code: 0, stdout: '', stderr });
  await rm(home, { recursive: true });
});

it.concurrent('who reads what a session tells may leave: that is no success of the session', async () => {
  const { project, projectId } = await givenProject();
  const { id } = await openSession(db, {
    projectId,
    workflowId: `yokeflow-${project}`,
    runId: 'one',
    options: {},
  });
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: testTemporal().address,
  };
  const start = (...argv: string[]) => {
    const main = path.join(__dirname, '../../../dist/client/main.js');
    const child = spawn(process.execPath, [main, ...argv], { env });
    // From the first moment: it may be gone before the statement that makes it go has been answered.
    return Object.assign(child, { ended: once(child, 'exit').then(([code]) => code as number | null) });
  };
  const following = start('events', '--project', project, '--follow');
  const heard = text(following.stderr);
  await once(following.stdout, 'data');
  following.stdout.destroy();
  await appendEvent(db, { sessionId: id, type: 'batch_started', data: { batch: 1, tasks: 1 } });
  expect(await following.ended).toBe(130);
  expect(await heard).toMatch(
    new RegExp(
      `The session goes on. Follow it again: yokeflow events --project ${project} --follow --after \\d+\n$`,
    ),
  );

  const other = await givenProject();
  const { workflowId, runId, handle } = await startSession(connected, { project: other.project });
  const session = await openSession(db, { projectId: other.projectId, workflowId, runId, options: {} });
  const watching = start('watch', '--project', other.project);
  const said = text(watching.stderr);
  await once(watching.stdout, 'data');
  watching.stdout.destroy();
  await appendEvent(db, { sessionId: session.id, type: 'batch_started', data: { batch: 1, tasks: 1 } });
  expect(await watching.ended).toBe(130);
  expect(await said).toContain(
    `The session goes on. Follow it again: yokeflow watch --project ${other.project}\n`,
  );
  await handle.terminate();

  const reading = start('events', '--project', project);
  reading.stdout.destroy();
  expect(await reading.ended).toBe(0);

  const mistaken = start('no-such-command');
  mistaken.stderr.destroy();
  expect(await mistaken.ended).toBe(2);
  await closeSession(db, { sessionId: id, status: 'incomplete' });
});

it.concurrent.each([['events'], ['transcript', '1']])(
  'whoever leaves %s need not wait for a PostgreSQL that says nothing',
  async (...what) => {
    const { project, projectId } = await givenProject();
    const { workflowId, runId, handle } = await startSession(connected, { project });
    const { id: sessionId } = await openSession(db, { projectId, workflowId, runId, options: {} });
    await givenAttempt({ project, projectId, sessionId });
    const relay = await relayTo(new URL(database.url).host);
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: Object.assign(new URL(database.url), { host: relay.address }).href,
      TEMPORAL_ADDRESS: testTemporal().address,
    };
    const main = path.join(__dirname, '../../../dist/client/main.js');
    const following = spawn(process.execPath, [main, ...what, '--project', project, '--follow'], { env });
    await once(following.stdout, 'data');
    relay.freeze();
    // It has asked by then, and has no answer.
    await sleep(6_000);
    const began = Date.now();
    following.kill('SIGINT');
    expect((await once(following, 'exit'))[0]).toBe(130);
    // It would have waited for a minute.
    expect(Date.now() - began).toBeLessThan(30_000);
    relay.cut();
    await handle.terminate();
  },
  120_000,
);

it('events and a transcript are followed to their end also where the workflow was terminated', async () => {
  const { project, projectId } = await givenProject();
  const { workflowId, runId, handle } = await startSession(connected, { project });
  const { id: sessionId } = await openSession(db, { projectId, workflowId, runId, options: {} });
  await givenAttempt({ project, projectId, sessionId });
  const follow = (...argv: string[]) => cli([...argv, '--project', project, '--follow'], connected.endpoints);
  const followed = Promise.all([follow('events'), follow('transcript', '1')]);
  await sleep(500);
  await handle.terminate('enough');
  const [events, transcript] = await followed;
  expect(events).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('its workflow ended from outside'),
  });
  expect(transcript).toMatchObject({ code: 0, stdout: expect.stringContaining('cancelled') });
});

it('merge names the tasks that are not done yet, and starts nothing', async () => {
  const { project } = await givenProject();
  const { code, stderr } = await cli(['merge', '1', '--project', project], connected.endpoints);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `yokeflow: epic 1 is not done yet: T1 (pending); first yokeflow run --project ${project}`,
  });
  await expect(connected.client.workflow.getHandle(`yokeflow-${project}`).describe()).rejects.toThrow(
    /not found/,
  );
});
