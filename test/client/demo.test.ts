import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPlan } from '../../client/plan/plan-file';
import { demoFiles } from '../../client/demo/files';
import { createDemoRepository, history } from '../../client/demo/repository';
import { UsageError } from '../../client/cli/exit';
import { batchesInOneLine } from '../../client/text/batches';
import { resolve } from '../../domain/graph/graph';
import { restoreUserHome } from '../support/user-home';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-demo-test-'));
});
afterEach(restoreUserHome);
afterAll(() => rm(folder, { recursive: true }));

it('has the batches of the guide', async () => {
  const { epics } = await readPlan(demoFiles().plan, 'demo-plan.yaml');
  const { batches } = resolve(epics.flatMap((epic) => epic.tasks));
  expect(batchesInOneLine(batches)).toBe('[1, 6] [2] [3, 4] [5, 7]');
});

it('makes a repository in which the tasks, one after the other, keep the tests green', async () => {
  const target = path.join(folder, 'service');
  await createDemoRepository(demoFiles().service, target);
  expect(execFileSync('git', ['log', '--format=%s', 'main'], { cwd: target, encoding: 'utf8' })).toBe(
    'A web service that says hello\n',
  );
  const { epics } = await readPlan(demoFiles().plan, 'demo-plan.yaml');
  const tasks = epics.flatMap((epic) => epic.tasks);
  for (const id of resolve(tasks).order) {
    const { action } = tasks.find((task) => task.id === id)!;
    execFileSync('sh', ['-ec', action.replace('sleep 1', '')], { cwd: target });
  }
  const output = execFileSync(process.execPath, ['--test'], { cwd: target, encoding: 'utf8' });
  expect(output).toMatch(/pass 3\n/);
});

it('is made also where a hook of yours lets nobody commit to main', async () => {
  const home = path.join(folder, 'home');
  await mkdir(home);
  await writeFile(path.join(home, 'pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  await writeFile(path.join(home, '.gitconfig'), `[core]\nhooksPath = ${home}\n`);
  Object.assign(process.env, { HOME: home });
  delete process.env.XDG_CONFIG_HOME;
  await createDemoRepository(demoFiles().service, path.join(folder, 'hooked'));
  expect(await history(path.join(folder, 'hooked'))).toMatch(/A web service that says hello$/);
});

it('refuses a folder that holds something', async () => {
  await expect(createDemoRepository(demoFiles().service, path.join(folder, 'service'))).rejects.toThrow(
    UsageError,
  );
});
