import { listEvents } from '../../../db/events/events';
import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { importPlan } from '../../../db/plan/plan-import';
import { closeSession } from '../../../db/session/session-close';
import { openSession } from '../../../db/session/session-open';
import { openFixture, type Fixture } from '../../db/database';
import { repositoryOf, runningSession, smallPlan, type RunningSession } from '../../db/scenario';
import { startTry, usage } from '../attempts';
import { cli, endpointsOf } from '../captured-cli';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const CENT = 10_000_000;
const costs = ({ session }: RunningSession, ...more: string[]) =>
  cli(['costs', '--project', session.project, ...more], endpointsOf(fixture.url));
/** Session numbers depend on what ran before. */
const numbered = (text: string, { session }: RunningSession) =>
  text.replaceAll(`Session ${session.id} `, 'Session N ');

/** Two tries at task 1, the second with a stronger model; task 3 with a model of which nobody knows the price. */
async function spend(running: RunningSession): Promise<void> {
  const { db } = fixture;
  const first = await startTry(db, running, { task: 1, agent: 'claude', model: 'claude-haiku-5-5' });
  const payload = { model: 'claude-haiku-5-5' };
  await first.record({ n: 1, kind: 'response', payload, usage: usage(1_200, 300, 4_000, 0), costNano: CENT });
  await first.record({
    n: 2,
    kind: 'response',
    payload,
    usage: usage(100, 50, 0, 4_000),
    costNano: CENT / 4,
  });
  const ending = { attemptId: first.attempt.id, token: first.token, reason: 'verify failed' };
  await failAttempt(db, { ...ending, retrying: true });
  const second = await startTry(db, running, { task: 1, agent: 'claude', model: 'claude-sonnet-5-5' });
  const stronger = { model: 'claude-sonnet-5-5' };
  await second.record({
    n: 1,
    kind: 'response',
    payload: stronger,
    usage: usage(2_000, 400),
    costNano: 40 * CENT,
  });
  const third = await startTry(db, running, { task: 3, agent: 'codex', model: 'gpt-9' });
  await third.record({ n: 1, kind: 'note', payload: {}, usage: usage(10, 20), costNano: null });
}

it('shows tokens and USD of epics, tasks, tries and models', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  const { code, stdout } = await costs(running);
  expect(code).toBe(0);
  expect(numbered(stdout, running)).toMatchInlineSnapshot(`
   "                                                   in  out  to cache  from cache  cost
   Session N (running)                             3,310  770     4,000       4,000  at least 0.41 USD, price of gpt-9 unknown
     Epic 1 Backend                                3,300  750     4,000       4,000  0.41 USD
       T1 Task 1                                   3,300  750     4,000       4,000  0.41 USD
         try 1 failed, claude, claude-haiku-5-5    1,300  350     4,000       4,000  0.01 USD
         try 2 running, claude, claude-sonnet-5-5  2,000  400         0           0  0.40 USD
     Epic 2 Frontend                                  10   20         0           0  cost unknown, price of gpt-9 unknown
       T3 Task 3                                      10   20         0           0  cost unknown, price of gpt-9 unknown
         try 1 running, codex, gpt-9                  10   20         0           0  cost unknown, price of gpt-9 unknown
   By model
     claude-haiku-5-5                              1,300  350     4,000       4,000  0.01 USD
     claude-sonnet-5-5                             2,000  400         0           0  0.40 USD
     gpt-9                                            10   20         0           0  cost unknown, price of gpt-9 unknown"
  `);
});

it('gives the same as JSON, to the nano-dollar', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  const { stdout } = await costs(running, '--session', String(running.session.id), '--json');
  const all = { costUsd: 0.4125, atLeast: true, unknownPrices: ['gpt-9'] };
  expect(JSON.parse(stdout)).toMatchObject({
    project: running.session.project,
    ...all,
    sessions: [
      {
        session: running.session.id,
        status: 'running',
        ...all,
        removedTasksUsd: 0,
        models: [
          { model: 'claude-haiku-5-5', costUsd: 0.0125, atLeast: false },
          { model: 'claude-sonnet-5-5', costUsd: 0.4, atLeast: false },
          { model: 'gpt-9', costUsd: 0, atLeast: true },
        ],
        epics: [
          {
            epic: 1,
            costUsd: 0.4125,
            tasks: [
              {
                task: 1,
                attempts: [
                  {
                    attempt: 1,
                    status: 'failed',
                    model: 'claude-haiku-5-5',
                    costUsd: 0.0125,
                    tokens: { input: 1_300, output: 350, cacheWrite: 4_000, cacheRead: 4_000 },
                  },
                  { attempt: 2, status: 'running', model: 'claude-sonnet-5-5', costUsd: 0.4 },
                ],
              },
            ],
          },
          { epic: 2, costUsd: 0, atLeast: true, unknownPrices: ['gpt-9'] },
        ],
      },
    ],
  });
});

it('says of a try at the merge that the task only pays for it', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  await fixture.db.query(
    `update yokeflow.task_attempts set purpose = 'merge' where session_id = $1 and number = 2`,
    [running.session.id],
  );
  expect((await costs(running)).stdout).toContain(
    "try 2 running, claude, claude-sonnet-5-5, to settle its epic's merge  2,000",
  );
});

it('the end of a task and of a session say so where their cost is known in part', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  const { session } = running;
  const third = await startTry(fixture.db, running, { task: 3, agent: 'codex', model: 'gpt-9' });
  const commit = { commit: 'a'.repeat(40), baseCommit: 'b'.repeat(40), empty: false };
  await completeTask(fixture.db, { attemptId: third.attempt.id, token: third.token, ...commit });
  await closeSession(fixture.db, { sessionId: session.id, status: 'incomplete' });
  const { stdout } = await cli(['events', '--project', session.project], endpointsOf(fixture.url));
  expect(stdout).toMatch(/T3 Task 3: complete in .*, cost unknown$/m);
  expect(stdout).toMatch(/session incomplete in .*, at least 0\.41 USD$/m);
  expect(await listEvents(fixture.db, { sessionId: session.id })).toContainEqual(
    expect.objectContaining({ type: 'session_complete', data: expect.objectContaining({ unknown: true }) }),
  );
});

it('what was spent on a task stays in the sum when the task leaves the plan', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  await closeSession(fixture.db, { sessionId: running.session.id, status: 'incomplete' });
  const { project } = running.session;
  const { epics } = smallPlan(project);
  const plan = { project, epics: epics.map((epic) => ({ ...epic, tasks: [] })).slice(0, 1) };
  await importPlan(fixture.db, { plan, repository: repositoryOf(project) });
  expect(numbered((await costs(running)).stdout, running).split('\n')).toEqual([
    '                            in  out  to cache  from cache  cost',
    'Session N (incomplete)       0    0         0           0  0.41 USD',
    '  tasks that left the plan                                 0.41 USD',
  ]);
});

it('a session without a model spent nothing; earlier ones have a line each', async () => {
  const running = await runningSession(fixture.db);
  await spend(running);
  const { projectId, session } = running;
  await closeSession(fixture.db, { sessionId: session.id, status: 'cancelled' });
  const { workflowId } = session;
  const next = await openSession(fixture.db, { projectId, workflowId, runId: 'run-2', options: {} });
  const lines = numbered((await costs(running)).stdout, running).split('\n');
  expect(lines[0]).toBe(`Session ${next.id} (running): nothing spent, no model was asked.`);
  expect(lines.slice(1).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    '',
    '  in  out  to cache  from cache  cost',
    'Earlier',
    '  Session N (cancelled)  3,310  770  4,000  4,000  at least 0.41 USD, price of gpt-9 unknown',
    'All 2 sessions  3,310  770  4,000  4,000  at least 0.41 USD, price of gpt-9 unknown',
  ]);
});

it('refuses a session of another project', async () => {
  const [mine, other] = [await runningSession(fixture.db), await runningSession(fixture.db)];
  const { code, stderr } = await costs(mine, '--session', String(other.session.id));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `yokeflow: --session: session ${other.session.id} is not one of ${mine.session.project}: yokeflow costs --project ${mine.session.project} lists them`,
  });
});
