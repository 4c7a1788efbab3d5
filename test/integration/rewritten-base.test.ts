import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { commit, git, newRepository, temporaryFolder, write } from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf } from '../support/plans';
import { testTemporal } from '../support/services';
import { endOf, projectName, useSystem } from '../support/system';
import { cli, endpointsOf } from '../client/captured-cli';
import { until } from '../support/until';

const system = useSystem();

const works = (command: Promise<unknown>): Promise<boolean> =>
  command.then(
    () => true,
    () => false,
  );

const DROPPED = {
  epic: 1,
  status: 'blocked',
  reason: 'it had landed, but main was rewritten and does not contain it any more',
};

test.each(['regular', 'squash'] as const)(
  '%s: main is rewritten while a session runs: the person is told, what was dropped is kept, and lands again',
  async (mergeStrategy) => {
    const project = projectName();
    const folder = await temporaryFolder();
    const { path } = await newRepository();
    const start = await git(path, 'rev-parse', 'main');
    await commit(path, 'dropped later', { 'dropped.txt': 'd\n' });
    await system.import(
      planOf(project, [
        { id: 1, epic: 1, action: `until [ -e ${folder}/begun ]; do sleep 0.1; done; echo 1 > f1` },
        {
          id: 2,
          epic: 2,
          action: `touch ${folder}/begun; until [ -e ${folder}/go ]; do sleep 0.1; done; echo 2 > f2`,
        },
      ]),
      path,
    );
    const input = { project, parallel: true, mergeStrategy } as const;
    const handle = await system.start(input);
    await until(() => works(git(path, 'cat-file', '-e', 'main:f1')));
    // Epic 1 is cleaned up, so that nothing of it is left but its pin.
    await until(async () => !(await works(access(join(path, '.worktrees/epic-1-part-1')))));
    const was = await git(path, 'rev-parse', 'main');
    await git(path, 'reset', '--quiet', '--hard', start);
    const instead = await commit(path, 'instead', { 'instead.txt': 'i\n' });
    await write(folder, { go: '' });

    const ended = await endOf(handle.result());
    const result = ended.result!;
    const note =
      `main was rewritten: ${was.slice(0, 10)} is no longer part of it, and is kept at ` +
      `refs/yokeflow/rewritten/${was.slice(0, 10)}; what was dropped comes back with an epic that contains it`;
    expect(result).toMatchObject({ status: 'incomplete', notes: [note], epics: [DROPPED, { epic: 2 }] });
    const { rows } = await system.db.query(
      `select data ->> 'reason' as reason from yokeflow.events where session_id = $1 and type = 'attention_needed'`,
      [result.sessionId],
    );
    expect(rows).toEqual([{ reason: note }, { reason: DROPPED.reason }]);
    expect(await git(path, 'rev-parse', `refs/yokeflow/rewritten/${was.slice(0, 10)}`)).toBe(was);
    await git(path, 'merge-base', '--is-ancestor', instead, 'main');
    // Epic 2 began on the commit that was dropped; epic 1 did not, and is in no epic that landed since.
    const files = async () => (await git(path, 'ls-tree', '--name-only', 'main')).split('\n');
    expect(await files()).toEqual(['a.txt', 'dropped.txt', 'f2', 'instead.txt']);
    expect(await git(path, 'status', '--porcelain')).toBe('');

    const again = await system.run(input);
    expect(again).toMatchObject({ outcome: 'complete', message: '' });
    expect(again.result!.notes.join()).not.toContain('rewritten');
    expect(await files()).toEqual(['a.txt', 'dropped.txt', 'f1', 'f2', 'instead.txt']);
    await expectDependenciesContained(system.db, project, path);
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await git(path, 'fsck', '--no-dangling')).toBe('');
  },
  120_000,
);

test.each(['regular', 'squash'] as const)(
  '%s: main is rewritten after the last epic has landed: the session does not claim that it has, and says what to type',
  async (mergeStrategy) => {
    const project = projectName();
    const folder = await temporaryFolder();
    const { path } = await newRepository();
    const start = await git(path, 'rev-parse', 'main');
    const rewrite = `[ -e ${folder}/done ] || { touch ${folder}/done; git -C ${path} reset --quiet --hard ${start}; }`;
    const plan = planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f1' }]);
    await system.import({ ...plan, cleanup: rewrite }, path);
    const input = { project, parallel: true, mergeStrategy } as const;
    const { outcome, result, message } = await system.run(input);
    expect(outcome).toBe('SessionIncomplete');
    expect(message).toContain('0 epics merged; 1 task complete.\nEpic 1: blocked, it had landed');
    expect(result).toMatchObject({ status: 'incomplete', epics: [DROPPED] });
    expect(result!.notes).toEqual([expect.stringContaining('main was rewritten: ')]);
    expect(result!.epics[0]).not.toHaveProperty('mergeCommit');
    const services = endpointsOf(system.databaseUrl, testTemporal().address);
    const { stdout } = await cli(['status', '--project', project], services);
    expect(stdout).toContain(
      `waits to be merged: ${DROPPED.reason}\n    yokeflow merge 1 --project ${project}`,
    );

    // What `yokeflow merge 1` starts.
    const again = await system.run({ ...input, epics: [1] });
    expect(again).toMatchObject({ outcome: 'complete', result: { epics: [{ epic: 1, status: 'merged' }] } });
    expect(await git(path, 'show', 'main:f1')).toBe('1');
    expect(await git(path, 'status', '--porcelain')).toBe('');
  },
);

test.each(['regular', 'squash'] as const)(
  '%s: what was dropped conflicts with what main was rewritten to: a conflict as any other, whose markers never land',
  async (mergeStrategy) => {
    const project = projectName();
    const { path } = await newRepository();
    const start = await git(path, 'rev-parse', 'main');
    await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo one > f1' }]), path);
    const input = { project, parallel: true, mergeStrategy, onConflict: 'fail' } as const;
    expect(await system.run(input)).toMatchObject({ outcome: 'complete' });
    await git(path, 'reset', '--quiet', '--hard', start);
    const mine = await commit(path, 'mine', { f1: 'mine\n' });

    const worktree = join(path, '.worktrees/epic-1-part-1');
    const dropped = await system.run(input);
    const reason = 'conflict in f1';
    expect(dropped.result).toMatchObject({ epics: [{ epic: 1, status: 'conflict', reason }] });
    await git(worktree, 'add', '--all');
    await git(worktree, 'commit', '--no-edit');
    const marked = await system.run({ ...input, epics: [1] });
    expect(marked.result!.epics).toMatchObject([{ epic: 1, status: 'conflict' }]);
    expect(await git(path, 'rev-parse', 'main')).toBe(mine);

    await write(worktree, { f1: 'both\n' });
    await git(worktree, 'commit', '--all', '--message', 'Resolve conflicts');
    expect(await system.run({ ...input, epics: [1] })).toMatchObject({ outcome: 'complete' });
    expect(await git(path, 'show', 'main:f1')).toBe('both');
  },
);

test('a branch with work of its own that conflicts with what it had lost: named, and its markers never land', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const start = await git(path, 'rev-parse', 'main');
  const tasks = [
    { id: 1, epic: 1, action: 'echo one > f1' },
    { id: 2, epic: 2, action: 'echo two > f2' },
  ];
  await system.import(planOf(project, tasks), path);
  const input = { project, parallel: true, onConflict: 'fail' } as const;
  expect(await system.run(input)).toMatchObject({ outcome: 'complete' });
  await git(path, 'reset', '--quiet', '--hard', start);
  // Somebody begins anew, under the epic's own name.
  await git(path, 'branch', 'epic-1-part-1', start);
  const worktree = join(path, '.worktrees/epic-1-part-1');
  await git(path, 'worktree', 'add', '--quiet', worktree, 'epic-1-part-1');
  await commit(worktree, 'anew', { f1: 'anew\n' });

  const lost = await system.run(input);
  const reason = `conflicts with its own work, which epic-1-part-1 had lost, in f1; resolve and commit it in ${worktree}`;
  expect(lost.result).toMatchObject({
    epics: [{ epic: 1, status: 'conflict', reason: 'conflict in f1' }, { epic: 2 }],
  });
  const { rows } = await system.db.query(
    `select data ->> 'reason' as reason from yokeflow.events where session_id = $1 and type = 'attention_needed' and epic_number = 1`,
    [lost.result!.sessionId],
  );
  expect(rows).toEqual([{ reason }]);
  expect(lost.result!.notes.join()).not.toContain('T1: brought back');
  await git(worktree, 'add', '--all');
  await git(worktree, 'commit', '--no-edit');
  const marked = await system.run({ ...input, epics: [1] });
  expect(marked.result!.epics).toMatchObject([{ epic: 1, status: 'conflict' }]);
  await write(worktree, { f1: 'both\n' });
  await git(worktree, 'commit', '--all', '--message', 'Resolve conflicts');
  expect(await system.run({ ...input, epics: [1] })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:f1')).toBe('both');
}, 120_000);
