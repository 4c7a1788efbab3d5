import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getProject } from '../../db/project/projects';
import { takeOverRepository } from '../../client/worktrees/claim';
import { cli, endpointsOf } from '../client/captured-cli';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { planOf } from '../support/plans';
import { testTemporal } from '../support/services';
import { projectName, startSystem, type System } from '../support/system';

/** Of two homes: each has a plan of its own for the same repository. */
let [first, second]: System[] = [];
beforeAll(async () => {
  first = await startSystem();
  second = await startSystem();
  // Test databases are copies of one, and this is what tells others apart.
  await second.db.query('update yokeflow.identity set id = gen_random_uuid()');
});
afterAll(async () => {
  await Promise.all([first!.close(), second!.close()]);
  await removeTemporaryFolders();
});

const worktrees = (system: System, project: string, ...argv: string[]) =>
  cli(
    ['worktrees', ...argv, '--project', project],
    endpointsOf(system.databaseUrl, testTemporal().address),
    '/',
    { YOKEFLOW_HOME: `/home/of-${project}` },
  );

/** The session looks again at once: its pauses are longer than a test wants to wait. */
async function lookAgain(system: System, project: string): Promise<void> {
  await system.temporal.client.workflowService.resetActivity({
    namespace: 'default',
    execution: { workflowId: `yokeflow-${project}/epic-1` },
    id: 'T1-try-1',
  });
}

test('a second database is refused in words, by every command that changes something, and may take over', async () => {
  const [a, b] = [projectName(), projectName()];
  const { path } = await newRepository();
  await first!.import(planOf(a, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]), path);
  expect(await first!.run({ project: a, parallel: true })).toMatchObject({ outcome: 'complete' });

  await second!.import(planOf(b, [{ id: 2, epic: 1, action: 'echo 2 > f2' }]), path);
  const who = /holds the work of another database of YokeFlow \(\S+ on \S+, home \/.*, database test_\w+ at /;
  const refused = await second!.run({ project: b, parallel: true });
  expect(refused).toMatchObject({ outcome: 'RepositoryUnusable', message: expect.stringMatching(who) });
  for (const argv of [['clean'], ['clean', '--dry-run'], ['recover']])
    expect(await worktrees(second!, b, ...argv)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(who),
    });
  expect(await worktrees(second!, b, 'list')).toMatchObject({ code: 0 });

  const taken = await worktrees(second!, b, 'recover', '--take-over');
  expect(taken).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('taken over from another database'),
  });
  expect(await second!.run({ project: b, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await first!.run({ project: a, parallel: true })).toMatchObject({ outcome: 'RepositoryUnusable' });
  expect(await git(path, 'show', 'main:f1', 'main:f2')).toBe('1\n2');
}, 120_000);

test('a session whose repository is taken over ends its agents, waits, and goes on once it has it again', async () => {
  const [a, b] = [projectName(), projectName()];
  const { path } = await newRepository();
  const [begun, ticks] = [join(first!.folder, `${a}-begun`), join(first!.folder, `${a}-ticks`)];
  const action = `if [ ! -e ${begun} ]; then touch ${begun}; while :; do echo >> ${ticks}; sleep 0.1; done; fi; echo 1 > f1`;
  await first!.import(planOf(a, [{ id: 1, epic: 1, action }]), path);
  await second!.import(planOf(b, [{ id: 2, epic: 1, action: 'echo 2 > f2' }]), path);
  const handle = await first!.start({ project: a, parallel: true, maxAttempts: 1 });
  while (!existsSync(begun)) await sleep(50);

  await worktrees(second!, b, 'recover', '--take-over');
  const size = async () => (await readFile(ticks)).length;
  const before = await size();
  await sleep(500);
  expect(await size()).toBe(before);
  const { stdout } = await cli(
    ['status', '--project', a],
    endpointsOf(first!.databaseUrl, testTemporal().address),
  );
  expect(stdout).toMatch(`yokeflow worktrees recover --project ${a} --take-over, or cancel this session: `);

  await takeOverRepository(first!.db, await getProject(first!.db, a), {
    home: first!.folder,
    signal: new AbortController().signal,
    tell: () => undefined,
    noticedWithinMs: 0,
  });
  await lookAgain(first!, a);
  expect(await handle.result()).toMatchObject({ status: 'complete', tasks: { complete: 1 } });
  expect(await git(path, 'show', 'main:f1')).toBe('1');
}, 180_000);

test('a session whose repository is taken over can be cancelled', async () => {
  const [a, b] = [projectName(), projectName()];
  const { path } = await newRepository();
  const begun = join(first!.folder, `${a}-begun`);
  await first!.import(planOf(a, [{ id: 1, epic: 1, action: `touch ${begun}; sleep 600` }]), path);
  await second!.import(planOf(b, [{ id: 2, epic: 1, action: 'echo 2 > f2' }]), path);
  const handle = await first!.start({ project: a, parallel: true, maxAttempts: 1 });
  while (!existsSync(begun)) await sleep(50);
  const { databaseId } = await getProject(second!.db, b);
  const claim = { database: databaseId, by: 'ann on build1', since: '2026-11-28T10:00:00.000Z' };
  await writeFile(join(path, '.git/yokeflow/claim.json'), JSON.stringify(claim));
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});
