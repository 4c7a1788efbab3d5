import { diffStat } from '../../../git/content/diff-stat';
import { landedIn } from '../../../git/landing/landed-in';
import { land } from '../../../git/landing/landing';
import { commit, git, newBranch, newRepository, removeTemporaryFolders } from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

afterAll(removeTemporaryFolders);

const date = '2026-01-02T03:04:05Z';

test.each(['regular', 'squash'] as const)(
  '%s: names the commit that landed the epic, and not those before and after',
  async (strategy) => {
    const repo = await newRepository();
    const start = await git(repo.path, 'rev-parse', 'main');
    for (const branch of ['epic-1-x', 'epic-2-y', 'epic-3-z']) {
      await newBranch(repo, branch, { [`${branch}.txt`]: 'x\n' }, start);
    }
    const task = await git(repo.path, 'rev-parse', 'epic-2-y');
    expect(await landedIn(repo, { baseBranch: 'main', commit: task })).toBeNull();
    const landings: string[] = [];
    for (const head of ['epic-1-x', 'epic-2-y', 'epic-3-z']) {
      const request = { baseBranch: 'main', head, strategy, message: `Merge ${head}`, date };
      const candidate = await prepareLanding(repo, request);
      if (candidate.kind !== 'candidate') throw new Error(candidate.kind);
      await land(repo, { baseBranch: 'main', candidate });
      landings.push(await git(repo.path, 'rev-parse', 'main'));
    }
    await commit(repo.path, 'by a person', { 'p.txt': 'p\n' });
    expect(await landedIn(repo, { baseBranch: 'main', commit: task })).toEqual({
      commit: landings[1],
      subject: 'Merge epic-2-y',
      date: expect.stringMatching(/^2026-01-02T03:04:05/),
    });
    expect(await landedIn(repo, { baseBranch: 'main', commit: '1'.repeat(40) })).toBeNull();
  },
);

test('in a linear history a commit landed as itself', async () => {
  const repo = await newRepository();
  const first = await commit(repo.path, 'one', { 'b.txt': 'b\n' });
  await commit(repo.path, 'two', { 'c.txt': 'c\n' });
  expect(await landedIn(repo, { baseBranch: 'main', commit: first })).toMatchObject({
    commit: first,
    subject: 'one',
  });
});

test('the diffstat counts lines, of files with any name', async () => {
  const repo = await newRepository();
  const from = await git(repo.path, 'rev-parse', 'main');
  const to = await commit(repo.path, 'work', { 'a.txt': '1\n', 'two\nlines\tand tab': 'x\n', 'b.bin': '\0' });
  expect(await diffStat(repo, from, to)).toEqual([
    { path: 'a.txt', added: 0, removed: 2 },
    { path: 'b.bin', added: null, removed: null },
    { path: 'two\nlines\tand tab', added: 1, removed: 0 },
  ]);
});
