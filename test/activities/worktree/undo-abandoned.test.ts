import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivityDependencies } from '../../../activities/scope/dependencies';
import type { Place } from '../../../activities/scope/place';
import { wipRef } from '../../../activities/worktree/keep-work';
import { undoAbandoned } from '../../../activities/worktree/undo-abandoned';
import { closeSession } from '../../../db/session/session-close';
import { setAttemptBase } from '../../../db/task/attempt-progress';
import { failTask } from '../../../db/task/task-status';
import { markUndone } from '../../../db/task/worktree-attempts';
import { takeLease } from '../../../db/worktree/leases';
import { isAncestor } from '../../../git/content/commits';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { openFixture, type Fixture } from '../../db/database';
import { begin, runningAttempt } from '../../db/scenario';
import { commit, git, newRepository, removeTemporaryFolders, write } from '../../support/git-repository';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(async () => {
  await fixture.close();
  await removeTemporaryFolders();
});

const branch = 'epic-1-x';

/** A try that has committed and left changes, and whose worker was lost. */
async function lostTry() {
  const running = await runningAttempt(fixture.db);
  const repository = await newRepository();
  const path = join(repository.path, '.worktrees', branch);
  const { head: baseCommit } = await ensureWorktree(repository, { path, branch, start: 'main' });
  const { attempt, token, session, backend } = running;
  await setAttemptBase(fixture.db, { attemptId: attempt.id, token, baseCommit });
  const made = await commit(path, 'of the agent', { a: 'a' });
  await write(path, { b: 'b' });
  const place = { repository, branch, session, project: { databaseId: 'x' }, worktree: { ...backend, path } };
  return {
    ...{ running, attempt, repository, path, baseCommit, made },
    /** As whoever finds that its workflow has ended from outside. */
    close: () =>
      closeSession(fixture.db, { sessionId: session.id, status: 'cancelled', reason: 'terminated' }),
    head: () => git(path, 'rev-parse', branch),
    undo: async () => {
      const lease = await takeLease(fixture.db, { worktreeId: backend.id, holder: 'next', staleAfterMs: -1 });
      if (lease.kind !== 'taken') throw new Error('the lease is held');
      const deps = { db: fixture.db } as ActivityDependencies;
      return undoAbandoned(deps, place as unknown as Place, { lease });
    },
  };
}

it('what a try of a terminated session left is undone once, and kept', async () => {
  const { attempt, close, undo, head, path, repository, baseCommit, made } = await lostTry();
  await close();
  expect(await undo()).toBe(true);
  expect(await head()).toBe(baseCommit);
  expect(await git(path, 'status', '--porcelain')).toBe('');
  const kept = await git(path, 'rev-parse', wipRef(attempt));
  expect(await isAncestor(repository, made, kept)).toBe(true);
  expect(await git(path, 'ls-tree', '--name-only', kept)).toBe('a\na.txt\nb');
  expect(await undo()).toBe(false);
});

it('so is that of a try that nobody has put on record as ended, though others came after it that never began', async () => {
  const { running, undo, head, baseCommit } = await lostTry();
  await begin(fixture.db, running, 2, 'another');
  expect(await undo()).toBe(true);
  expect(await head()).toBe(baseCommit);
});

it('so is that of a try whose task a session counts as failed, since the workflow of its epic was ended', async () => {
  const { running, undo, head, baseCommit } = await lostTry();
  await failTask(fixture.db, { sessionId: running.session.id, task: 1, reason: 'ended 3 times' });
  expect(await undo()).toBe(true);
  expect(await head()).toBe(baseCommit);
});

it('what somebody has committed since stays, with what it stands on', async () => {
  const { attempt, close, undo, head, path } = await lostTry();
  await close();
  await fixture.db.query(
    `update yokeflow.task_attempts set ended_at = ended_at - interval '1 minute' where id = $1`,
    [attempt.id],
  );
  const since = await commit(path, 'by hand');
  expect(await undo()).toBe(false);
  expect(await head()).toBe(since);
});

it('what was undone as it was ended is not undone again: what is there by now is of others', async () => {
  const { attempt, close, undo, head, path } = await lostTry();
  await markUndone(fixture.db, attempt.id);
  await close();
  const since = await commit(path, 'by hand');
  expect(await undo()).toBe(false);
  expect(await head()).toBe(since);
});

describe('a merge in progress', () => {
  /** The worktree's branch and another one have changed the same line. */
  async function beginMerge(path: string): Promise<void> {
    await git(path, 'checkout', '--quiet', '-b', 'other');
    await commit(path, 'theirs', { 'a.txt': 'theirs\n' });
    await git(path, 'checkout', '--quiet', branch);
    await commit(path, 'mine', { 'a.txt': 'mine\n' });
    await git(path, 'merge', 'other').catch(() => undefined);
    expect(await git(path, 'status', '--porcelain')).toContain('UU a.txt');
  }

  it('that the try had begun is undone with it, and kept', async () => {
    const { attempt, close, undo, head, path, repository, baseCommit } = await lostTry();
    await beginMerge(path);
    const theirs = await git(path, 'rev-parse', 'other');
    await close();
    expect(await undo()).toBe(true);
    expect(await head()).toBe(baseCommit);
    expect(await git(path, 'status')).not.toContain('merg');
    const kept = await git(path, 'rev-parse', wipRef(attempt));
    expect(await isAncestor(repository, theirs, kept)).toBe(true);
    expect(await git(path, 'show', `${kept}:a.txt`)).toContain('>>>>>>> other');
  });

  it.each([
    ['has begun', (gitDir: string) => join(gitDir, 'MERGE_HEAD')],
    ['has staged some of', (gitDir: string) => join(gitDir, 'index')],
    ['has written into a file of', (_: string, path: string) => join(path, 'a.txt')],
  ])('that somebody %s since is theirs', async (_name, fileOf) => {
    const { close, undo, path } = await lostTry();
    await beginMerge(path);
    await close();
    const since = Date.now() / 1000 + 60;
    await utimes(fileOf(await git(path, 'rev-parse', '--absolute-git-dir'), path), since, since);
    expect(await undo()).toBe(false);
    expect(await git(path, 'status', '--porcelain')).toContain('UU a.txt');
  });
});
