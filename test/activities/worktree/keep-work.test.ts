import { join } from 'node:path';
import type { Place } from '../../../activities/scope/place';
import { keepWork, wipRef } from '../../../activities/worktree/keep-work';
import { isAncestor } from '../../../git/content/commits';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import { commit, git, newRepository, removeTemporaryFolders, write } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

const branch = 'epic-1-x';

test.each(['clean', 'with changes'])(
  'what an agent committed on its branch, and after it had left that, is kept: %s',
  async (how) => {
    const repository = await newRepository();
    const path = join(repository.path, '.worktrees', branch);
    const { head: baseCommit } = await ensureWorktree(repository, { path, branch, start: 'main' });
    const onBranch = await commit(path, 'on the branch', { a: 'a' });
    await git(path, 'checkout', '--quiet', '--detach', 'main');
    const beside = await commit(path, 'beside it', { b: 'b' });
    if (how === 'with changes') await write(path, { c: 'c' });
    const place = { repository, branch, worktree: { path } as Place['worktree'] };
    const attempt = { task: 1, number: 2, baseCommit };
    await keepWork(place, attempt);
    const kept = await git(path, 'rev-parse', wipRef(attempt));
    for (const made of [onBranch, beside]) expect(await isAncestor(repository, made, kept)).toBe(true);
    expect(await git(path, 'ls-tree', '--name-only', kept)).toBe(
      how === 'clean' ? 'a.txt\nb' : 'a.txt\nb\nc',
    );
    await keepWork(place, attempt);
    expect(await git(path, 'rev-parse', wipRef(attempt))).toBe(kept);
  },
);
