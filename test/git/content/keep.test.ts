import { join } from 'node:path';
import { keepCommit } from '../../../git/content/keep';
import { snapshot } from '../../../git/worktree/snapshot';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';
const wip = { ref: 'refs/yokeflow/wip/1/1', message: 'Work in progress on T1, attempt 1' };

describe('keepCommit', () => {
  it('leaves what was not committed where it is kept, when only the commit below it is left', async () => {
    const repo = await newRepository();
    const worktree = join(repo.path, '.worktrees', branch);
    await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
    const own = await commit(worktree, 'own', { 'own.txt': 'own\n' });
    await write(worktree, { 'half.txt': 'half\n' });
    const kept = await snapshot(repo, { worktree, ...wip });
    // A worker that was killed while it reset the worktree: the files are gone, and the branch is where it was.
    await git(worktree, 'clean', '--quiet', '--force');
    expect(await snapshot(repo, { worktree, ...wip })).toBeNull();
    await keepCommit(repo, { ...wip, commit: own });
    expect(await git(repo.path, 'rev-parse', wip.ref)).toBe(kept!.commit);
    expect(await git(repo.path, 'show', `${wip.ref}:half.txt`)).toBe('half');
  });

  it('keeps both of two that have nothing to do with each other, the newer one in front', async () => {
    const repo = await newRepository();
    const first = await newBranch(repo, 'first', { 'first.txt': 'first\n' });
    const second = await newBranch(repo, 'second', { 'second.txt': 'second\n' });
    await keepCommit(repo, { ...wip, commit: first });
    expect(await git(repo.path, 'rev-parse', wip.ref)).toBe(first);
    await keepCommit(repo, { ...wip, commit: second });
    const both = await git(repo.path, 'rev-parse', wip.ref);
    expect(await git(repo.path, 'show', '-s', '--format=%P %s', both)).toBe(
      `${second} ${first} ${wip.message}`,
    );
    expect(await git(repo.path, 'ls-tree', '--name-only', both)).toBe('a.txt\nsecond.txt');
    await keepCommit(repo, { ...wip, commit: first });
    expect(await git(repo.path, 'rev-parse', wip.ref)).toBe(both);
  });

  it('goes on to what contains the earlier one', async () => {
    const repo = await newRepository();
    const start = await git(repo.path, 'rev-parse', 'main');
    const later = await newBranch(repo, 'later', { 'later.txt': 'later\n' });
    await keepCommit(repo, { ...wip, commit: start });
    await keepCommit(repo, { ...wip, commit: later });
    expect(await git(repo.path, 'rev-parse', wip.ref)).toBe(later);
  });
});
