import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Client, type Connection } from '@temporalio/client';
import { importInto } from '../../client/plan/import-plan';
import { openDatabase } from '../../db/connection/connection';
import { databaseId } from '../../db/connection/identity';
import { TASK_QUEUE } from '../../domain/session/task-queue';
import { newClaim } from '../../git/repository/claim';
import { runChecks } from '../../services/doctor';
import { workerMarker } from '../../services/supervision/programs';
import { claimNamespace, isOwnNamespace } from '../../services/temporal/namespace-owner';
import { workerIdentity } from '../../services/temporal/pollers';
import { withTemporal } from '../../services/temporal/reachable';
import { waitUntil } from '../../services/wait';
import { foreignSession } from '../../worker/foreign-session';
import { cli, endpointsOf } from '../client/captured-cli';
import { newRepository, removeTemporaryFolders, temporaryFolder } from '../support/git-repository';
import { testHome } from '../support/home';
import { planOf } from '../support/plans';
import {
  testDatabase,
  testNamespace,
  testTemporal,
  testTemporalCli,
  type TestDatabase,
} from '../support/services';
import { projectName } from '../support/system';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';

let mine: TestDatabase;
let others: TestDatabase;
const { address } = testTemporal();
let namespace: string;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  [mine, others] = await Promise.all([testDatabase(), testDatabase()]);
  const db = openDatabase(others.url);
  // Test databases are copies of one, and this is what tells others apart.
  await db.query('update yokeflow.identity set id = gen_random_uuid()');
  await db.close();
});
afterAll(async () => {
  await Promise.all([mine.drop(), others.drop()]);
  await removeTemporaryFolders();
});
beforeEach(async () => {
  namespace = await testNamespace();
});
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.kill())));

const environmentOf = ({ url }: TestDatabase) => ({
  ...{ DATABASE_URL: url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
});

function startWorker(database: TestDatabase, ...args: string[]): WorkerProcess {
  const worker = startWorkerProcess(environmentOf(database), ...args);
  workers.push(worker);
  return worker;
}

const says = (worker: WorkerProcess, what: RegExp) =>
  waitUntil(async () => what.test(worker.output()), 30_000);

async function claimOf({ url }: TestDatabase, home = '/home/ann/.yokeflow') {
  const db = openDatabase(url);
  const claim = newClaim(await databaseId(db), { home, server: 'plans' });
  await db.close();
  return claim;
}

const asking = <T>(work: (client: Client, connection: Connection) => Promise<T>) =>
  withTemporal({ address }, 60_000, (connection) => work(new Client({ connection, namespace }), connection));

const RUNS = /"?RUNNING/;
const HAS = /has the sessions of another database of YokeFlow \(\S+ on \S+, home .*, since \d{4}-/;

test('a worker of another database is refused, also when none runs; one of the same database never is', async () => {
  const first = startWorker(mine);
  expect(await says(first, RUNS)).toBe(true);
  const refused = startWorker(others);
  expect(await refused.gone).toBe(2);
  expect(refused.output().trim()).toMatch(
    new RegExp(
      `^yokeflow worker: Temporal's namespace "${namespace}" ${HAS.source}.*: set TEMPORAL_NAMESPACE`,
    ),
  );
  expect(refused.output().trim()).not.toContain('\n');

  await first.kill();
  const second = startWorker(mine);
  expect(await says(second, RUNS)).toBe(true);
  await second.stop();
  expect(await startWorker(others).gone).toBe(2);
});

test('every command that uses Temporal is refused, and doctor says why', async () => {
  await asking(async (client) => claimNamespace(client, await claimOf(mine)));
  const place = (database: TestDatabase) => {
    const { databaseUrl, temporal } = endpointsOf(database.url, address);
    return { databaseUrl, temporal: { ...temporal, namespace } };
  };
  for (const argv of [['up'], ['schedule', 'list']])
    expect(await cli(argv, place(others))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(HAS),
    });
  expect(await cli(['schedule', 'list'], place(mine))).toMatchObject({ code: 0 });

  const home = await testHome();
  const checked = async (database: TestDatabase) => {
    const checks = await runChecks({ ...home.env, ...environmentOf(database) });
    return checks.find(({ name }) => name === 'Temporal');
  };
  expect(await checked(others)).toMatchObject({
    status: 'fail',
    detail: expect.stringMatching(HAS),
    remedy: expect.stringContaining('TEMPORAL_NAMESPACE'),
  });
  expect(await checked(mine)).toMatchObject({ status: 'ok' });
  await home.remove();
});

test('one that is kept running waits, and begins once a person has freed the namespace as it says', async () => {
  await asking(async (client) => claimNamespace(client, await claimOf(mine)));
  const worker = startWorker(others, workerMarker('/home/bob/.yokeflow'));
  expect(await says(worker, HAS)).toBe(true);
  const [, command] = /yokeflow temporal -- (operator .*?)\. It waits/.exec(worker.output())!;
  await promisify(execFile)(testTemporalCli(), [...command!.split(' '), '--address', address]);
  expect(await says(worker, RUNS)).toBe(true);
  await asking(async (client) =>
    expect(isOwnNamespace(client, (await claimOf(mine)).database)).rejects.toThrow(HAS),
  );
});

test('one that runs takes the namespace again where it is nobody’s, and ends where it is another database’s', async () => {
  const worker = startWorker(mine);
  expect(await says(worker, RUNS)).toBe(true);
  const { database } = await claimOf(mine);
  const put = (claim: string) =>
    asking(({ workflowService }) =>
      workflowService.updateNamespace({ namespace, updateInfo: { data: { yokeflow: claim } } }),
    );
  await put('');
  expect(await waitUntil(() => asking((client) => isOwnNamespace(client, database)), 20_000, 200)).toBe(true);
  await put(JSON.stringify(await claimOf(others)));
  expect(await worker.gone).toBe(2);
  expect(worker.output()).toMatch(HAS);
});

test('where it may not be written down whose it is, a worker of another database is found while it runs', async () => {
  const claim = await claimOf(mine);
  await asking(async (client) => {
    const denied = jest.spyOn(client.workflowService, 'updateNamespace');
    denied.mockRejectedValue(new Error('7 PERMISSION_DENIED: Request unauthorized.'));
    expect(await claimNamespace(client, claim)).toBe('7 PERMISSION_DENIED: Request unauthorized.');
    expect(await isOwnNamespace(client, claim.database)).toBe(false);
  });
  const { database } = await claimOf(others);
  await asking(async (client) => {
    const poll = { namespace, taskQueue: { name: TASK_QUEUE }, identity: workerIdentity(claim.database) };
    const over = new AbortController();
    const polls = client.withAbortSignal(over.signal, () =>
      client.workflowService.pollWorkflowTaskQueue(poll),
    );
    const isOthers = () =>
      isOwnNamespace(client, database).then(
        () => false,
        () => true,
      );
    expect(await waitUntil(isOthers, 10_000)).toBe(true);
    await expect(isOwnNamespace(client, database)).rejects.toThrow(
      /another database of YokeFlow, whose worker \S+ asked for work within the last minute: /,
    );
    expect(await isOwnNamespace(client, claim.database)).toBe(false);
    over.abort();
    await expect(polls).rejects.toThrow();
  });
});

test('a session that is open in another database keeps the namespace from whoever finds it without a record', async () => {
  const [db, othersDb] = [openDatabase(mine.url), openDatabase(others.url)];
  const folder = await temporaryFolder();
  const project = projectName();
  const action = `touch ${folder}/begun; until test -e ${folder}/go; do sleep 0.1; done; echo 1 > f1`;
  await importInto(db, planOf(project, [{ id: 1, epic: 1, action }]), {
    repository: (await newRepository()).path,
  });
  const start = (client: Client, options: { workflowId: string; taskQueue: string }) =>
    client.workflow.start('runProject', { ...options, args: [{ project }] });
  await asking(async (client) => {
    // Nobody has begun it, so it is anybody's.
    await start(client, { workflowId: 'yokeflow-new', taskQueue: 'none' });
    const worker = startWorker(mine);
    const other = await start(client, { workflowId: `by-schedule-${project}`, taskQueue: TASK_QUEUE });
    expect(await waitUntil(async () => existsSync(`${folder}/begun`), 30_000)).toBe(true);
    const isListed = async () => (await foreignSession(client, othersDb)) === `yokeflow-${project}`;
    expect(await waitUntil(isListed, 20_000)).toBe(true);
    expect(await foreignSession(client, db)).toBeNull();
    await writeFile(`${folder}/go`, '');
    expect(await other.result()).toMatchObject({ status: 'complete' });
    expect(await foreignSession(client, othersDb)).toBeNull();
    await worker.stop();
  });
  await Promise.all([db.close(), othersDb.close()]);
});

test('of many that begin at once, one keeps it', async () => {
  const claims = Array.from({ length: 8 }, (_, n) => ({
    ...newClaim(`00000000-0000-0000-0000-00000000000${n}`, { home: '/h', server: 's' }),
  }));
  await Promise.allSettled(claims.map((claim) => asking((client) => claimNamespace(client, claim))));
  const ends = await Promise.allSettled(
    claims.map(({ database }) => asking((client) => isOwnNamespace(client, database))),
  );
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
