import { Client, Connection } from '@temporalio/client';
import pc from 'picocolors';
import { createCli } from '../../../client/cli/command';
import type { Connected } from '../../../client/cli/connect';
import type { CliContext, Screen } from '../../../client/cli/context';
import { startLiveView } from '../../../client/watch/live-view';
import { completeTask, failAttempt } from '../../../db/task/attempt-end';
import { appendEvent, listEvents } from '../../../db/events/events';
import { addDependency } from '../../../db/plan/plan-edit';
import { loadPlan } from '../../../db/plan/plan-load';
import { recordBatches } from '../../../db/events/batches';
import { skipTask } from '../../../db/task/task-status';
import { setWorktreeStatus } from '../../../db/worktree/worktree-status';
import { begin, commitId, runningSession } from '../../db/scenario';
import { openFixture, type Fixture } from '../../db/database';
import { testTemporal } from '../../support/services';
import { cli, endpointsOf } from '../captured-cli';

let fixture: Fixture;
let connection: Connection;
let connected: Connected;
beforeAll(async () => {
  const { address } = testTemporal();
  fixture = await openFixture();
  connection = await Connection.connect({ address });
  const endpoints = endpointsOf(fixture.url, address);
  connected = { db: fixture.db, client: new Client({ connection }), endpoints };
});
afterAll(async () => {
  await connection.close();
  await fixture.close();
});

/** A screen of 80 columns that remembers what is on it. */
function memoryScreen(): Screen & { frame: () => string; left: boolean } {
  let shown = '';
  const screen = {
    left: false,
    frame: () => shown,
    width: () => 80,
    height: () => 40,
    draw: (frame: string) => void (shown = frame),
    clear: () => void (shown = ''),
    leave: () => void (screen.left = true),
    onResize: () => () => undefined,
  };
  return screen;
}

async function until(frame: () => string, pattern: RegExp): Promise<string> {
  for (let tries = 0; !pattern.test(frame()); tries++) {
    if (tries > 600) throw new Error(`never drawn: ${pattern}\n${frame()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return frame();
}

test('draws what PostgreSQL knows, as it changes, from start to end', async () => {
  const { db } = fixture;
  const running = await runningSession(db);
  const { session, projectId, frontend } = running;
  await recordBatches(db, session.id, [[1], [2, 3]]);
  const screen = memoryScreen();
  const context = { env: { LANG: 'C.UTF-8' }, colours: pc.createColors(false) } as unknown as CliContext;
  const view = startLiveView(createCli(context), connected, screen, await loadPlan(db, projectId));
  const told = new Set<number>();
  const tell = async () => {
    for (const event of await listEvents(db, { sessionId: session.id }))
      if (!told.has(event.seq)) {
        told.add(event.seq);
        await view.onEvent(event);
      }
  };

  const first = await begin(db, running, 1, 'first');
  await tell();
  const started = await until(screen.frame, /T1 Task 1 .*script/);
  expect(started).toMatch(/0 of 3 tasks done/);
  expect(started).toMatch(/○ 2 Frontend +0\/1 +waits for T1/);

  const commit = { commit: commitId('a'), baseCommit: commitId('b'), empty: false };
  await completeTask(db, { attemptId: first.attempt.id, token: first.token, ...commit });
  const third = await begin(db, running, 3, 'third');
  await appendEvent(db, { sessionId: session.id, type: 'merge_started', epic: 1 });
  view.onNotice('PostgreSQL does not answer');
  await tell();
  const merging = await until(screen.frame, /◆ 1 Backend +1\/2 +merging/);
  expect(merging).toMatch(/1 of 3 tasks done, about .* left/);
  expect(merging).toMatch(/Batches {2}1 of 2 over {2}2: 0\/2/);
  expect(merging).toContain('PostgreSQL does not answer');

  await failAttempt(db, {
    attemptId: third.attempt.id,
    token: third.token,
    reason: 'no\u001b[2J',
    retrying: true,
  });
  const conflict = {
    during: 'landing' as const,
    files: [{ path: 'a.js', kind: 'contents' }],
    ours: commitId('c'),
    theirs: commitId('d'),
  };
  // An epic is merged when its tasks are done.
  await skipTask(db, { sessionId: session.id, task: 3 });
  await setWorktreeStatus(db, { worktreeId: frontend.id, status: 'conflict', conflict });
  await appendEvent(db, { sessionId: session.id, type: 'merge_conflict', epic: 2, data: { ...conflict } });
  await tell();
  // The lanes are what the database says, and below them is what was told: the two may come one after the other.
  const stuck = await until(screen.frame, /✗ 2 Frontend +1\/1 +merge conflict[^]*T3 Task 3: try 1 failed/);
  expect(stuck).toMatch(/yokeflow merge 2 --project/);
  expect(stuck).toMatch(/T3 Task 3: try 1 failed, it is tried again: no \[2J/);
  expect(stuck).not.toContain('\u001b');
  view.stop('stays');
  expect(screen).toMatchObject({ left: true });
});

test('a dependency that is added while it is watched is told, though no task is', async () => {
  const { db } = fixture;
  const running = await runningSession(db);
  const { session, projectId } = running;
  const screen = memoryScreen();
  const context = { env: { LANG: 'C.UTF-8' }, colours: pc.createColors(false) } as unknown as CliContext;
  const view = startLiveView(createCli(context), connected, screen, await loadPlan(db, projectId));
  await begin(db, running, 1, 'first');
  for (const event of await listEvents(db, { sessionId: session.id })) await view.onEvent(event);
  await until(screen.frame, /2 Frontend +0\/1 +waits for T1\b/);
  await addDependency(db, { projectId, task: 3, dependsOn: 2, type: 'hard' });
  expect(await until(screen.frame, /waits for T1, T2/)).toMatch(/2 Frontend +0\/1 +waits for T1, T2/);
  view.stop('goes');
});

test('what a session waits for that has not begun is told', async () => {
  const { projectId } = await runningSession(fixture.db);
  const screen = memoryScreen();
  const context = { env: { LANG: 'C.UTF-8' }, colours: pc.createColors(false) } as unknown as CliContext;
  const view = startLiveView(createCli(context), connected, screen, await loadPlan(fixture.db, projectId));
  view.onNotice('no worker seems to run, so the session waits');
  expect(await until(screen.frame, /no worker/)).toMatch(
    /^\d\d:\d\d:\d\d {2}no worker seems to run, so the session waits$/,
  );
  view.stop('goes');
  expect(screen.frame()).toBe('');
});

test('watch without an open session tells of the plan, and what to type', async () => {
  const { projectId } = await runningSession(fixture.db);
  const { project } = await loadPlan(fixture.db, projectId);
  const endpoints = connected.endpoints;
  const { code, stdout, stderr } = await cli(['watch', '--project', project.name], endpoints);
  expect(code).toBe(0);
  expect(stderr).toBe(
    `${project.name} has no session open. Start one: yokeflow run --project ${project.name} --parallel`,
  );
  expect(stdout).toContain('3 tasks: 3 pending');

  const told = await cli(['watch', '--project', project.name, '--json'], endpoints);
  expect(told.stdout).not.toContain('\n');
  const status = await cli(['status', '--project', project.name, '--json'], endpoints);
  expect(JSON.parse(told.stdout)).toEqual(JSON.parse(status.stdout));
});
