import { closedResult } from '../../client/session/closed-result';
import { setBudget, type BudgetChange } from '../../db/session/session-budget';
import { getSession } from '../../db/session/sessions';
import { getTask } from '../../db/task/tasks';
import { sessionWorkflowId, statusQuery } from '../../workflows/messages';
import { runningSession, type RunningSession } from '../db/scenario';
import { fakeWorld } from '../support/fake-world';
import { startTry, usage } from './attempts';
import { openBoth } from './both';
import { cli } from './captured-cli';

const at = openBoth();

const budget = ({ session }: RunningSession, line: string) =>
  cli(['budget', ...line.split(' '), '--project', session.project], at.endpoints);

const schema = { id: 1, epic: 1, priority: 1, dependsOn: [] };

/** The session's workflow, whose one task asks for money as often as there is another budget to set. */
async function heldSession(running: RunningSession, times: number) {
  const { id: sessionId, project } = running.session;
  const reason = "the session's budget has $0.0000 left";
  const world = fakeWorld([schema], {
    run: () => (times-- > 0 ? { kind: 'held', why: 'budget', reason } : { kind: 'done' }),
  });
  const recordBudget = (change: BudgetChange) => setBudget(at.db, { ...change, sessionId });
  const worker = await at.temporal.startWorker({ ...world.activities, recordBudget });
  const handle = await at.temporal.client.workflow.start('runProject', {
    args: [{ project, parallel: true }],
    taskQueue: at.temporal.taskQueue,
    workflowId: sessionWorkflowId(project),
  });
  const paused = async () => {
    while ((await handle.query(statusQuery)).state !== 'paused');
  };
  const ended = async () => {
    await handle.result();
    await worker.stop();
  };
  return { handle, paused, ended };
}

it('sets the budget of the session, of a task and of every task, and what waited goes on', async () => {
  const running = await runningSession(at.db);
  const { project, id } = running.session;
  const { handle, paused, ended } = await heldSession(running, 3);
  const lines: string[] = [];
  for (const line of ['0.5', '2 --per-task', '3.25 --task T1 --json']) {
    await paused();
    lines.push((await budget(running, line)).stdout);
  }
  expect(lines).toEqual([
    `${project}: the session may cost 0.50 USD in all; what waited for that goes on`,
    `${project}: each task may cost 2.00 USD in all; what waited for that goes on`,
    `{"ok":true,"message":"${project}: T1 may cost 3.25 USD in all; what waited for that goes on"}`,
  ]);
  await ended();
  expect((await getSession(at.db, id)).options).toMatchObject({ budgetUsd: 0.5, taskBudgetUsd: 2 });
  expect(await getTask(at.db, { projectId: running.projectId, task: 1 })).toMatchObject({
    budgetUsd: 3.25,
  });
  const end = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
  expect(await closedResult(at.endpoints.temporal, { ...running.session, ...end })).toMatchObject({
    status: 'complete',
  });
});

it('says so when more than that is spent already, and passes a refusal on', async () => {
  const running = await runningSession(at.db);
  const { project } = running.session;
  const trying = await startTry(at.db, running, { task: 1, agent: 'claude', model: 'm' });
  const nano = 700_000_000;
  await trying.record({ n: 1, kind: 'response', payload: {}, usage: usage(1, 1), costNano: nano });
  const { paused, ended } = await heldSession(running, 1);
  await paused();
  expect(await budget(running, '5 --task 9')).toMatchObject({
    code: 2,
    stderr: 'yokeflow: task: T9 is not in this session',
  });
  expect((await budget(running, '0.5')).stdout).toBe(
    `${project}: the session may cost 0.50 USD in all; but 0.70 USD is spent already, so no further turn is paid for`,
  );
  await ended();
});

it('without an open session it is one line and exit code 2', async () => {
  const running = await runningSession(at.db);
  const { project } = running.session;
  const { code, stdout, stderr } = await budget(running, '5');
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `yokeflow: ${project} has no open session: start one: yokeflow run --project ${project} --parallel --budget 5`,
  });
  await at.db.query(`update yokeflow.sessions set options = $2 where id = $1`, [
    running.session.id,
    { parallel: true, budgetUsd: 1, maxAttempts: 1 },
  ]);
  const start = `start one: yokeflow run --project ${project} --parallel`;
  expect((await budget(running, '5')).stderr).toContain(`${start} --budget 5 --max-attempts 1`);
  expect((await budget(running, '5 --task 1')).stderr).toContain(`${start} --budget 1 --max-attempts 1`);
});
