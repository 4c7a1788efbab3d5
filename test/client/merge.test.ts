import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { importPlan } from '../../db/plan/plan-import';
import { openDatabase, type Database } from '../../db/connection/connection';
import { closeSession } from '../../db/session/session-close';
import { openSession } from '../../db/session/session-open';
import { upsertWorktree } from '../../db/worktree/worktrees';
import { waitUntil } from '../../services/wait';
import { planOf } from '../support/plans';
import { testDatabase, testTemporal, type TestDatabase } from '../support/services';
import { projectName } from '../support/system';
import { cli, endpointsOf } from './captured-cli';

let database: TestDatabase;
let db: Database;
let connection: Connection;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.url);
  connection = await Connection.connect({ address: testTemporal().address });
});
afterAll(async () => {
  await connection.close();
  await db.close();
  await database.drop();
});

/** A command that goes on following keeps Jest from ending. */
async function endFollowed(handle: WorkflowHandle, following: Promise<unknown>): Promise<void> {
  await handle.terminate('enough').catch(() => undefined);
  await following;
}

test('a session that begins while an epic is to be merged is followed, and that is told', async () => {
  const project = projectName();
  const repository = { path: `/r/${project}`, gitDir: `/r/${project}/.git`, bare: false, baseBranch: 'main' };
  const { projectId } = await importPlan(db, {
    plan: planOf(project, [{ id: 1, epic: 1, action: 'true' }]),
    repository,
  });
  await db.query(`update yokeflow.tasks set status = 'skipped' where project_id = $1`, [projectId]);
  const { workflow } = new Client({ connection });
  const handle = workflow.getHandle(`yokeflow-${project}`);
  let merged!: ReturnType<typeof cli>;
  const said: string[] = [];
  await db.transaction(async (tx) => {
    // It has found that no session is open, and now looks whether the epic is done.
    await tx.query('lock table yokeflow.tasks in access exclusive mode');
    const endpoints = endpointsOf(database.url, testTemporal().address);
    const argv = ['merge', '1', '--project', project];
    merged = cli(argv, endpoints, '/', {}, undefined, (line) => void said.push(line));
    // Of this database: others of the same server have locks of their own.
    const waiting = `select from pg_locks l join pg_database d on d.oid = l.database
      where not l.granted and l.locktype = 'relation' and d.datname = current_database()`;
    const waits = async () => (await tx.query(waiting)).rowCount > 0;
    expect(await waitUntil(waits, 20_000)).toBe(true);
    const start = { workflowId: `yokeflow-${project}`, taskQueue: 'yokeflow', args: [{ project }] };
    await workflow.start('runProject', start);
  });
  const follows = `${project} has begun a session meanwhile, which merges what is done: this follows it`;
  try {
    expect(await waitUntil(async () => said.includes(follows), 20_000)).toBe(true);
  } finally {
    await endFollowed(handle, merged);
  }
});

test.each([
  ['its own worktree', true],
  ['that of a sequential session', false],
])(
  'without an open session, an epic in %s is merged as the latest session would have merged it',
  async (_, own) => {
    const project = projectName();
    const workflowId = `yokeflow-${project}`;
    const repository = {
      path: `/r/${project}`,
      gitDir: `/r/${project}/.git`,
      bare: false,
      baseBranch: 'main',
    };
    const plan = planOf(project, [
      { id: 1, epic: 1, action: 'true' },
      { id: 2, epic: 2, action: 'true' },
    ]);
    const { projectId } = await importPlan(db, { plan, repository });
    const kept = {
      ...{ mergeStrategy: 'squash', verify: 'make check', taskTimeoutMinutes: 120, onConflict: 'fail' },
      ...{ agent: 'claude-code', model: 'opus', budgetUsd: 5, taskBudgetUsd: 1 },
      // An agent mends a merge so often; what the next run is to be told is that of the session, too.
      ...{ maxAttempts: 2, maxConcurrency: 7, scheduling: 'batches' },
    };
    const options = { ...kept, project, parallel: false, epics: [2], onFailure: 'wait' };
    const { id } = await openSession(db, { projectId, workflowId, runId: 'r', options });
    await closeSession(db, { sessionId: id, status: 'incomplete' });
    await db.query(`update yokeflow.tasks set status = 'skipped' where project_id = $1`, [projectId]);
    const branchName = 'epic-1';
    if (own) await upsertWorktree(db, { projectId, epic: 1, path: `/w/${project}`, branchName });
    const merged = cli(
      ['merge', '1', '--project', project],
      endpointsOf(database.url, testTemporal().address),
    );
    const handle = new Client({ connection }).workflow.getHandle(workflowId);
    const isThere = () =>
      handle.describe().then(
        () => true,
        () => false,
      );
    try {
      expect(await waitUntil(isThere, 30_000)).toBe(true);
      const { events } = await handle.fetchHistory();
      const [input] = events![0]!.workflowExecutionStartedEventAttributes!.input!.payloads!;
      expect(JSON.parse(Buffer.from(input!.data!).toString())).toEqual({
        ...kept,
        ...{ project, parallel: own, epics: [1], onFailure: 'continue' },
      });
    } finally {
      await endFollowed(handle, merged);
    }
  },
);
