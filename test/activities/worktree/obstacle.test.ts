import { join } from 'node:path';
import type { Place } from '../../../activities/scope/place';
import { abandonUntouched, obstacleOnBranch } from '../../../activities/worktree/obstacle';
import type { Conflict } from '../../../domain/model';
import { mergeTrees } from '../../../git/content/merge-tree';
import { checkOutSubmodules } from '../../../git/submodule/submodule-checkout';
import { conflictState, leaveConflict } from '../../../git/worktree/conflict';
import { worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const branch = 'epic-1-x';

const files = { 'a.txt': '1\n2\n3\n', 'b.txt': 'b\n', c: 'c\n' };

/** A conflict that a worker has left: on record, or killed before it got there. */
async function setUp({ onRecord, make = newRepository }: { onRecord: boolean; make?: typeof newRepository }) {
  const repository = await make(files);
  const path = join(repository.path, '.worktrees', branch);
  await ensureWorktree(repository, { path, branch, start: 'main' });
  await checkOutSubmodules(repository, path);
  const ours = await commit(path, 'epic', { 'a.txt': '1\nepic\n3\n', 'b.txt': 'epic\n', mine: 'epic\n' });
  const theirs = await newBranch(repository, 'other', { 'a.txt': '1\nother\n3\n', 'b.txt': null, c: 'd\n' });
  await leaveConflict(repository, { worktree: path, branch, theirs });
  const merged = await mergeTrees(repository, { ours, theirs });
  if (merged.kind !== 'conflict') throw new Error('expected a conflict');
  const left = await worktreeTree(repository, path);
  const conflict: Conflict = { during: 'landing', files: merged.files, ours: theirs, theirs: ours, left };
  const worktree = { path, conflict: onRecord ? conflict : null } as Place['worktree'];
  return { place: { repository, branch, worktree }, path, ours };
}

describe.each([true, false])('a conflict that was left in a worktree, on record: %s', (onRecord) => {
  it('is taken back as long as nobody has touched it', async () => {
    const { place, path, ours } = await setUp({ onRecord });
    expect(await abandonUntouched(place)).toBe(true);
    expect(await git(path, 'status', '--porcelain')).toBe('');
    expect(await git(path, 'rev-parse', 'HEAD')).toBe(ours);
    expect((await conflictState(place.repository, path)).merging).toBe(false);
  });

  const begun: [string, (path: string) => Promise<unknown>][] = [
    ['a file is edited', (path) => write(path, { 'a.txt': '1\nboth\n3\n' })],
    ['a file is resolved as it stands', (path) => git(path, 'add', 'b.txt')],
    ['a file is removed', (path) => git(path, 'rm', '--quiet', 'b.txt')],
    ['a file is new', (path) => write(path, { notes: 'mine\n' })],
  ];
  it('is left to whoever works in a submodule, of which the worktree itself shows nothing', async () => {
    const { place, path } = await setUp({ onRecord, make: support.repositoryWithSubmodules });
    await write(join(path, 'libs/lib'), { mine: 'mine\n' });
    expect(await abandonUntouched(place)).toBe(false);
    expect(await git(join(path, 'libs/lib'), 'status', '--porcelain')).toBe('?? mine');
  });

  it.each(begun)('is left to whoever has begun: %s', async (_, begin) => {
    const { place, path } = await setUp({ onRecord });
    await begin(path);
    const before = await git(path, 'status', '--porcelain');
    expect(await abandonUntouched(place)).toBe(false);
    expect(await git(path, 'status', '--porcelain')).toBe(before);
  });
});

it("a person's own merge is theirs, though they have only begun it", async () => {
  const { place, path } = await setUp({ onRecord: false });
  await git(path, 'merge', '--abort');
  await expect(git(path, 'merge', 'other')).rejects.toThrow();
  expect(await abandonUntouched(place)).toBe(false);
  expect((await conflictState(place.repository, path)).merging).toBe(true);
});

it('a branch without common history does not land, and a shallow clone is told how to have more of it', async () => {
  const origin = await newRepository();
  const path = join(await support.temporaryFolder(), 'shallow');
  await git(origin.path, 'clone', '--quiet', '--depth=1', `file://${origin.path}`, path);
  const repository = { ...origin, path, gitDir: join(path, '.git') };
  await git(path, 'branch', branch);
  const place = { repository, branch, epic: 1, project: { baseBranch: 'main' }, worktree: { path } };
  const obstacle = () => obstacleOnBranch(place as unknown as Place, ['main']);
  expect(await obstacle()).toBeNull();
  await commit(origin.path, 'more');
  await git(path, 'fetch', '--quiet', '--depth=1');
  await git(path, 'reset', '--quiet', '--hard', 'origin/main');
  const apart = `${branch} has no history in common with main, and git does not merge such: `;
  const reason = `${apart}git -C ${path} fetch --unshallow`;
  expect(await obstacle()).toEqual({ epic: 1, outcome: 'blocked', reason });
  await git(path, 'fetch', '--quiet', '--unshallow');
  expect(await obstacle()).toBeNull();
});
