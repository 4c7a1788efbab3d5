import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

/** The worker's own: a test changes it while the worker runs. */
const environment: NodeJS.ProcessEnv = { ...process.env };
let system: System;
beforeAll(async () => {
  system = await startSystem({ environment });
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

interface Told {
  type: string;
  reason: string | null;
}

async function eventsOf(project: string): Promise<Told[]> {
  const { rows } = await system.db.query<Told>(
    `select e.type, e.data ->> 'reason' as reason from yokeflow.events e
       join yokeflow.sessions s on s.id = e.session_id join yokeflow.projects p on p.id = s.project_id
     where p.name = $1 order by e.session_id, e.seq`,
    [project],
  );
  return rows;
}

const untilTold = async (project: string, type: string) => {
  for (;;) {
    const found = (await eventsOf(project)).find((event) => event.type === type);
    if (found) return found;
    await sleep(50);
  }
};

test('a disk that is nearly full: the person is told, and the session goes on by itself once there is room', async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  environment.YOKEFLOW_MIN_FREE_MB = String(1e9);
  const handle = await system.start({ project, parallel: true });
  expect((await untilTold(project, 'attention_needed')).reason).toMatch(
    /^only \d+ MB are free for the worktree .*epic-1-part-1, it needs 1000000001 MB: free some space/,
  );
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
  environment.YOKEFLOW_MIN_FREE_MB = '0';
  // It looks again every 30 s; as with the button of the Web UI, the next look is now.
  await sleep(500);
  await system.temporal.client.workflowService.resetActivity({
    namespace: 'default',
    execution: { workflowId: `yokeflow-${project}/epic-1` },
    id: 'T1-try-1',
  });
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  const told = (await eventsOf(project)).filter(({ type }) => type === 'attention_needed');
  expect(told).toHaveLength(1);
}, 90_000);

test("a person's own git command in the checkout: landing waits a moment for it, and not for ever", async () => {
  const project = projectName();
  const { path } = await newRepository();
  const lock = join(path, '.git', 'index.lock');
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  const input = { project, parallel: true };
  await writeFile(lock, '');
  const stuck = await system.run(input);
  expect(stuck.result!.epics).toEqual([
    expect.objectContaining({ epic: 1, status: 'blocked', reason: expect.stringContaining(lock) }),
  ]);
  expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt');

  const before = (await eventsOf(project)).length;
  const handle = await system.start(input);
  while (!(await eventsOf(project)).slice(before).some(({ type }) => type === 'merge_started'))
    await sleep(20);
  await sleep(1_000);
  await rm(lock);
  expect(await handle.result()).toMatchObject({ status: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  expect(await git(path, 'status', '--porcelain')).toBe('');
  const told = (await eventsOf(project)).slice(before).filter(({ type }) => type === 'attention_needed');
  expect(told).toEqual([]);
}, 90_000);
