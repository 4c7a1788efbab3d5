import { recordSetup, setWorktreeStart, setWorktreeStatus } from '../../../db/worktree/worktree-status';
import { getWorktree, getWorktreeById, listWorktrees, upsertWorktree } from '../../../db/worktree/worktrees';
import { openFixture, type Fixture } from '../database';
import { runningSession, uniqueName } from '../scenario';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const conflict = {
  during: 'landing' as const,
  files: [{ path: 'a.txt', kind: 'contents' }],
  ours: 'a'.repeat(40),
  theirs: 'b'.repeat(40),
};

test('one per epic, and one for sequential sessions, however often they are recorded', async () => {
  const { projectId, backend } = await runningSession(fixture.db);
  const sequential = {
    projectId,
    epic: null,
    path: `/sequential/${projectId}`,
    branchName: 'yokeflow-sequential',
  };
  const made = await Promise.all([1, 2, 3].map(() => upsertWorktree(fixture.db, sequential)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  const { path, branchName } = backend;
  const again = await upsertWorktree(fixture.db, {
    projectId,
    epic: 1,
    path,
    branchName,
    startCommit: 'c'.repeat(40),
  });
  expect(again).toEqual({ ...backend, startCommit: 'c'.repeat(40) });
  expect((await listWorktrees(fixture.db, projectId)).map(({ epic }) => epic)).toEqual([null, 1, 2]);
  expect(await getWorktree(fixture.db, { projectId, epic: null })).toEqual(made[0]);
  expect(await getWorktree(fixture.db, { projectId, epic: 9 })).toBeNull();
});

test('a conflict and a reason for waiting go with their status', async () => {
  const { backend } = await runningSession(fixture.db);
  const worktreeId = backend.id;
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'conflict', conflict });
  expect(await getWorktreeById(fixture.db, worktreeId)).toMatchObject({ status: 'conflict', conflict });
  await setWorktreeStatus(fixture.db, {
    worktreeId,
    status: 'blocked',
    blockedReason: 'a.txt is in the way',
  });
  expect(await getWorktreeById(fixture.db, worktreeId)).toMatchObject({
    status: 'blocked',
    conflict: null,
    blockedReason: 'a.txt is in the way',
  });
  await expect(setWorktreeStatus(fixture.db, { worktreeId, status: 'conflict' })).rejects.toThrow(
    'conflicts_are_described',
  );
});

test('a reason may have characters that PostgreSQL does not store, as programs print them', async () => {
  const { backend } = await runningSession(fixture.db);
  const worktreeId = backend.id;
  const held = 'verify ended with exit code 1: a\0b\ud83d';
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'blocked', blockedReason: held });
  const stored = 'verify ended with exit code 1: a\ufffdb\ufffd';
  expect(await getWorktreeById(fixture.db, worktreeId)).toMatchObject({ blockedReason: stored });
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'conflict', conflict: { ...conflict, held } });
  expect((await getWorktreeById(fixture.db, worktreeId)).conflict).toEqual({ ...conflict, held: stored });
});

test('one that has landed starts over when there is work for it again', async () => {
  const { projectId, backend } = await runningSession(fixture.db);
  const worktreeId = backend.id;
  await setWorktreeStart(fixture.db, { worktreeId, startCommit: 'a'.repeat(40) });
  await recordSetup(fixture.db, { worktreeId, done: true, output: 'installed', note: 'x' });
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'merged', mergeCommit: 'd'.repeat(40) });
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'removed' });
  expect(await getWorktreeById(fixture.db, worktreeId)).toMatchObject({
    status: 'removed',
    mergeCommit: 'd'.repeat(40),
    mergedAt: expect.any(String),
    setupDoneAt: expect.any(String),
    setupOutput: 'installed',
    note: 'x',
  });
  const { path, branchName } = backend;
  expect(await upsertWorktree(fixture.db, { projectId, epic: 1, path, branchName })).toEqual(backend);
});

test('a pull request is kept until what it is for has landed', async () => {
  const { projectId, backend } = await runningSession(fixture.db);
  const { id: worktreeId, path, branchName } = backend;
  const again = () => upsertWorktree(fixture.db, { projectId, epic: 1, path, branchName });
  const pullRequest = { number: 12, url: 'https://github.com/me/app/pull/12', commit: 'a'.repeat(40) };
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'proposed', pullRequest });
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'active' });
  expect(await again()).toMatchObject({ pullRequest });
  await setWorktreeStatus(fixture.db, { worktreeId, status: 'merged' });
  expect(await again()).toMatchObject({ status: 'active', pullRequest: null });
});

test('one that is made at another place has to be set up there', async () => {
  const { projectId, backend } = await runningSession(fixture.db);
  const { path, branchName } = backend;
  await recordSetup(fixture.db, { worktreeId: backend.id, done: true, output: 'installed', note: null });
  const at = (place: string) => upsertWorktree(fixture.db, { projectId, epic: 1, path: place, branchName });
  expect((await at(path)).setupDoneAt).not.toBeNull();
  expect(await at(`${path}-moved`)).toMatchObject({ id: backend.id, setupDoneAt: null });
});

test('refuses a path or a branch that is taken, and an epic that is not there', async () => {
  const { projectId, backend } = await runningSession(fixture.db);
  const other = { projectId, epic: null, path: `/free/${uniqueName()}`, branchName: 'free' };
  await expect(upsertWorktree(fixture.db, { ...other, path: backend.path })).rejects.toMatchObject({
    name: 'WorktreeTaken',
    message: expect.stringContaining(`${backend.path} is the worktree of another`),
  });
  await expect(upsertWorktree(fixture.db, { ...other, branchName: backend.branchName })).rejects.toThrow(
    'branch epic-1 belongs to another epic',
  );
  await expect(upsertWorktree(fixture.db, { ...other, epic: 77 })).rejects.toMatchObject({
    name: 'NotFound',
  });
});
