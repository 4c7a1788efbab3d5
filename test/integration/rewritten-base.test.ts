import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  commit,
  git,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from '../support/git-repository';
import { expectDependenciesContained } from '../support/invariants';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

const until = async (what: () => Promise<boolean>) => {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 50));
};

const works = (command: Promise<unknown>): Promise<boolean> =>
  command.then(
    () => true,
    () => false,
  );

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

    const result = await handle.result();
    const note =
      `main was rewritten: ${was.slice(0, 10)} is no longer part of it, and is kept at ` +
      `refs/yokeflow/rewritten/${was.slice(0, 10)}; what was dropped comes back with an epic that contains it`;
    expect(result).toMatchObject({ status: 'complete', notes: [note] });
    const { rows } = await system.db.query(
      `select data ->> 'reason' as reason from yokeflow.events where session_id = $1 and type = 'attention_needed'`,
      [result.sessionId],
    );
    expect(rows).toEqual([{ reason: note }]);
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
