import { Client, Connection } from '@temporalio/client';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { importPlan } from '../../db/plan/plan-import';
import { inspectRepository } from '../../git/repository/repository';
import { startRig } from '../chaos/rig';
import { git, newRepository, removeTemporaryFolders, temporaryFolder } from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { guidePlan, planOf } from '../support/plans';
import { projectName, startSystem } from '../support/system';
import { describeWithDisk, titleWithDisk } from '../support/small-disk';

const execute = promisify(execFile);

afterAll(removeTemporaryFolders);

/** The last failure of whatever an epic waits for, as the Web UI shows it. */
async function lastFailures(client: Client, project: string, epics: number[]): Promise<string[]> {
  const told: string[] = [];
  for (const epic of epics) {
    const handle = client.workflow.getHandle(`yokeflow-${project}/epic-${epic}`);
    const description = await handle.describe().catch(() => null);
    for (const { lastFailure } of description?.raw.pendingActivities ?? []) {
      if (lastFailure?.message) told.push(lastFailure.message);
    }
  }
  return told;
}

test('PostgreSQL away, then Temporal away, then one of two workers killed for good: the session ends whole', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const rig = await startRig({ workers: 2, environment: {} });
  try {
    const { repository, baseBranch } = await inspectRepository(path);
    const { identity, ...place } = repository;
    await importPlan(rig.db, {
      plan: guidePlan(project, (id) => `echo start >> f${id}; sleep 1; echo end >> f${id}`),
      repository: { ...place, baseBranch, authorName: identity.name, authorEmail: identity.email },
    });
    const connection = await Connection.connect({ address: rig.temporal.address });
    const client = new Client({ connection });
    const handle = await client.workflow.start('runProject', {
      taskQueue: 'yokeflow',
      workflowId: `yokeflow-${project}`,
      args: [{ project, parallel: true }],
    });
    while (!(await git(path, 'for-each-ref', 'refs/yokeflow/tasks'))) await sleep(50);

    await rig.postgres.kill();
    let told: string[] = [];
    const missing =
      /PostgreSQL cannot be used at .*: yokeflow up starts the embedded one; .*or correct DATABASE_URL/;
    while (!told.some((message) => missing.test(message))) {
      await sleep(100);
      told = await lastFailures(client, project, [1, 2, 3]);
    }
    await rig.postgres.restart();
    await rig.temporal.kill();
    await sleep(4_000);
    await rig.temporal.restart();
    await rig.workers[0]!.kill();

    await expect(handle.result()).resolves.toMatchObject({ status: 'complete', tasks: { complete: 7 } });
    await connection.close();
    for (const id of [1, 2, 3, 4, 5, 6, 7]) expect(await git(path, 'show', `main:f${id}`)).toBe('start\nend');
    const numbers = await git(
      path,
      'log',
      '--no-merges',
      '--format=%(trailers:key=YokeFlow-Task,valueonly)',
      'main',
    );
    expect(numbers.split('\n').filter(Boolean).sort()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    await expectDependenciesContained(rig.db, project, path);
    expect(await git(path, 'fsck', '--no-dangling')).toBe('');
    expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
  } finally {
    await rig.close();
  }
}, 180_000);

/** A script that leaves a line each time it runs. */
type Noted = (script: string) => string;
interface Scripts {
  action: string;
  verify?: string;
  /** What the merged tree has to pass. */
  merged?: string;
}

test.each([
  [
    'that a task failed',
    'update of status on yokeflow.tasks',
    `new.status = 'failed'`,
    { scripts: (noted: Noted) => ({ action: noted('exit 3') }), tasks: { failed: 1 } },
  ],
  [
    'that a try failed',
    'update of status on yokeflow.task_attempts',
    `new.status = 'failed'`,
    {
      scripts: (noted: Noted) => ({ action: noted('[ -e COUNT-2 ] || { touch COUNT-2; exit 3; }') }),
      tasks: { complete: 1 },
    },
  ],
  [
    'that its tree is verified',
    'update of verified_at on yokeflow.task_attempts',
    'new.verified_at is not null',
    { scripts: (noted: Noted) => ({ action: 'true', verify: noted('true') }), tasks: { complete: 1 } },
  ],
  [
    'that the merged tree is verified',
    'insert on yokeflow.verifications',
    'true',
    { scripts: (noted: Noted) => ({ action: 'true', merged: noted('true') }), tasks: { complete: 1 } },
  ],
])(
  'the connection is cut once as it is recorded %s: neither script nor verify runs again for that',
  async (_, event, when, { scripts, tasks }: { scripts: (noted: Noted) => Scripts; tasks: object }) => {
    const project = projectName();
    const { path } = await newRepository();
    const count = join(await temporaryFolder(), 'ran');
    const system = await startSystem();
    try {
      const noted = (script: string) => `echo ran >> ${count}; ${script.replaceAll('COUNT', count)}`;
      const { merged, ...own } = scripts(noted);
      const plan = planOf(
        project,
        [{ id: 1, epic: 1, ...own, ...(merged ? { verify: 'true' } : {}) }],
        merged ? { verify: merged } : {},
      );
      await system.import(plan, path);
      await system.db.query('create sequence yokeflow.cuts');
      await system.db.query(`create function yokeflow.cut_once() returns trigger language plpgsql as $$
        begin
          if nextval('yokeflow.cuts') = 1 then
            perform pg_terminate_backend(pg_backend_pid());
            perform pg_sleep(10);
          end if;
          return new;
        end $$`);
      await system.db.query(`create trigger cut_once before ${event}
        for each row when (${when}) execute function yokeflow.cut_once()`);
      const { result } = await system.run({ project, parallel: true, maxAttempts: 2 });
      const attempts = await system.db.query('select from yokeflow.task_attempts');
      expect(result!.tasks).toMatchObject(tasks);
      const ran = (await readFile(count, 'utf8')).split('\n').filter(Boolean);
      expect(ran).toHaveLength(attempts.rowCount);
    } finally {
      await system.close();
    }
  },
);

test('PostgreSQL refuses a record once, in the middle of settling a failed task: the task counts as failed', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const system = await startSystem();
  try {
    await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo it is red; exit 3' }]), path);
    await system.db.query('create sequence yokeflow.refusals');
    await system.db.query(`create function yokeflow.refuse_once() returns trigger language plpgsql as $$
      begin
        if nextval('yokeflow.refusals') = 1 then raise exception 'not now'; end if;
        return new;
      end $$`);
    await system.db.query(`create trigger refuse_once before update of status on yokeflow.tasks
      for each row when (new.status = 'failed') execute function yokeflow.refuse_once()`);
    const { result } = await system.run({ project, parallel: true, maxAttempts: 1 });
    expect(result).toMatchObject({
      tasks: { failed: 1, pending: 0 },
      problems: [{ task: 1, status: 'failed', reason: expect.stringMatching(/exit code 3: it is red$/) }],
    });
    const { rows } = await system.db.query(`select from yokeflow.events where type = 'task_failed'`);
    expect(rows).toHaveLength(1);
  } finally {
    await system.close();
  }
});

describeWithDisk(titleWithDisk('on a small disk'), () => {
  test('that is full, then read-only: the message says so, and the session goes on when it can be written to', async () => {
    const project = projectName();
    const disk = `${await temporaryFolder()}/disk`;
    await mkdir(disk);
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
    // With the usual reserve, the worktree would not be begun.
    const environment = { ...process.env, YOKEFLOW_MIN_FREE_MB: '0' };
    const system = await startSystem({ environment });
    try {
      const { path: source } = await newRepository();
      const path = `${disk}/repository`;
      await execute('cp', ['--recursive', source, path]);
      await writeFile(`${disk}/filler`, Buffer.alloc(16 * 1024 * 1024));
      // The file fits, and what git stores of it does not.
      await system.import(
        planOf(project, [{ id: 1, epic: 1, action: 'head -c 4500000 /dev/urandom > big' }]),
        path,
      );
      const handle = await system.start({ project, parallel: true, maxAttempts: 1 });
      let told: string[] = [];
      while (!told.length) {
        await sleep(100);
        told = await lastFailures(system.temporal.client, project, [1]);
      }
      expect(told[0]).toMatch(/^git .*No space left on device/);
      await rm(`${disk}/filler`);
      await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
      expect(await git(path, 'cat-file', '-s', 'main:big')).toBe('4500000');
      expect(await git(path, 'fsck', '--no-dangling')).toBe('');

      await system.import(planOf(project, [{ id: 2, epic: 2, action: `mount -o remount,ro ${disk}` }]), path);
      const again = await system.start({ project, parallel: true, maxAttempts: 1 });
      for (told = []; !told.some((message) => message.startsWith('the repository')); await sleep(100))
        told = await lastFailures(system.temporal.client, project, [2]);
      expect(told[0]).toMatch(/^the repository cannot be used, .* once it can: .*[Rr]ead-only file system/);
      await execute('mount', ['-o', 'remount,rw', disk]);
      await expect(again.result()).resolves.toMatchObject({ status: 'complete' });
    } finally {
      await system.close();
      await execute('umount', ['--lazy', disk]);
    }
  }, 120_000);
});
