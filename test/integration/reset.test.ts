import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expectDependenciesContained } from '../support/invariants';
import type { temporal } from '@temporalio/proto';
import { findProject } from '../../db/project/projects';
import { findOpenSession, latestSession } from '../../db/session/sessions';
import { waitUntil } from '../../services/wait';
import { git, newRepository, write } from '../support/git-repository';
import { planOf } from '../support/plans';
import { testTemporal, testTemporalCli } from '../support/services';
import { endOf, projectName, useSystem } from '../support/system';
import { statusQuery } from '../../workflows/messages';

const system = useSystem();

/** As a person types it: to where this was decided first. */
async function resetToBefore(
  id: string,
  what: (event: temporal.api.history.v1.IHistoryEvent) => unknown,
): Promise<void> {
  const { events } = await system.temporal.client.workflow.getHandle(id).fetchHistory();
  const first = events!.findIndex((event) => what(event));
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
  // The plan was loaded, and nothing had begun.
  await resetToBefore(id, (event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
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
});

test.each([
  // As the plan was not loaded yet: the session is looked for again.
  ['before its beginning', 'activityTaskScheduledEventAttributes'],
  ['to after it', 'startChildWorkflowExecutionInitiatedEventAttributes'],
] as const)(
  'a session that had ended without all of it, and is reset %s: open again while it goes on, it ends as it ends',
  async (_, first) => {
    const project = projectName();
    const { path } = await newRepository();
    const mended = `mended-${project}`;
    const seen = `seen-${project}`;
    const gate = `until [ -e ${system.folder}/${seen} ]; do sleep 0.1; done`;
    const action = `test -e ${system.folder}/${mended}; ${gate}; echo 1 > one`;
    await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
    const input = { project, parallel: true, maxAttempts: 1 };
    expect(await system.run(input)).toMatchObject({ outcome: 'SessionIncomplete' });
    await write(system.folder, { [mended]: '' });
    const id = `yokeflow-${project}`;
    await resetToBefore(id, (event) => event[first]);
    const open = async () => {
      const { id: projectId } = (await findProject(system.db, project))!;
      return findOpenSession(system.db, projectId);
    };
    expect(await waitUntil(async () => (await open()) !== null, 60_000)).toBe(true);
    const { id: sessionId } = (await open())!;
    await write(system.folder, { [seen]: '' });
    const again = system.temporal.client.workflow.getHandle<() => Promise<never>>(id);
    expect(await endOf(again.result())).toMatchObject({ outcome: 'complete', result: { sessionId } });
    expect(await latestSession(system.db, project)).toMatchObject({ id: sessionId, status: 'complete' });
    expect(await git(path, 'show', 'main:one')).toBe('1');
  },
);

test('a session whose end is looked at again, after a person merged what had not landed: it has landed on record, too', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const action = `echo mine > a.txt`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
  // It stands in the way of the landing.
  await write(path, { 'a.txt': 'yours\n' });
  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'SessionIncomplete' });
  await git(path, 'checkout', '-q', '--', 'a.txt');
  await git(path, 'merge', '-q', 'epic-1-part-1');
  const id = `yokeflow-${project}`;
  await resetToBefore(
    id,
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'closeSession',
  );
  const again = system.temporal.client.workflow.getHandle<() => Promise<never>>(id);
  expect(await endOf(again.result())).toMatchObject({ outcome: 'complete' });
  expect(await latestSession(system.db, project)).toMatchObject({ status: 'complete' });
});
