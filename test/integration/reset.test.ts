import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expectDependenciesContained } from '../support/invariants';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { planOf } from '../support/plans';
import { testTemporal, testTemporalCli } from '../support/services';
import { endOf, projectName, startSystem, type System } from '../support/system';
import { statusQuery } from '../../workflows/messages';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

/** As a person types it: to where the plan was loaded and nothing had begun. */
async function resetToLoaded(id: string): Promise<void> {
  const { events } = await system.temporal.client.workflow.getHandle(id).fetchHistory();
  const first = events!.findIndex((event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
  const decided = events!.slice(0, first).findLast((event) => event.workflowTaskCompletedEventAttributes)!;
  const args = ['workflow', 'reset', '--address', testTemporal().address, '-w', id, '--reason', 'test'];
  await promisify(execFile)(testTemporalCli(), [...args, '--event-id', String(decided.eventId)]);
}

test('a session that is reset to before what has finished since: that stays, the rest is done again, all lands', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const wait = `until [ -e ${system.folder}/go ]; do sleep 0.1; done`;
  const plan = [
    { id: 1, epic: 1, action: 'echo 1 > one' },
    { id: 2, epic: 1, action: `${wait}; echo 2 > two`, after: [1] },
    { id: 3, epic: 2, action: 'echo 3 > three', after: [1] },
    { id: 4, epic: 2, action: `${wait}; echo 4 > four`, after: [3] },
  ];
  await system.import(planOf(project, plan), path);
  const handle = await system.start({ project, parallel: true });
  for (let running = 0; running < 2;) {
    await sleep(50);
    const { tasks } = await handle.query(statusQuery);
    running = tasks.filter(({ task, status }) => [2, 4].includes(task) && status === 'running').length;
  }
  const id = `yokeflow-${project}`;
  await resetToLoaded(id);
  await write(system.folder, { go: '' });
  const again = system.temporal.client.workflow.getHandle<() => Promise<never>>(id);
  expect(await endOf(again.result())).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:two', 'main:four')).toBe('2\n4');
  const subjects = await git(
    path,
    'log',
    '--no-merges',
    '--format=%(trailers:key=YokeFlow-Task,valueonly)',
    'main',
  );
  expect(subjects.split('\n').filter(Boolean).sort()).toEqual(['1', '2', '3', '4']);
  await expectDependenciesContained(system.db, project, path);
}, 90_000);
