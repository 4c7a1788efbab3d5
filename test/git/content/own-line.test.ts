import { writeCommit } from '../../../git/content/commit-object';
import { treeOf } from '../../../git/content/commits';
import { ownCommits } from '../../../git/content/own-commits';
import { foldedMessages } from '../../../git/worktree/task-commit';
import { newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

/** A line that was begun by somebody whose clock was ahead, and went on for fifteen commits. */
async function skewed() {
  const repo = await newRepository();
  const tree = await treeOf(repo, 'main');
  const make = (message: string, date: string, parents: string[]) =>
    writeCommit(repo, { tree, parents, message, date });
  const old: string[] = [];
  for (let day = 10; day < 15; day++)
    old.push(await make(`old ${day}`, `2039-01-${day}T00:00:00Z`, old.slice(-1)));
  let base = old.at(-1)!;
  for (let day = 10; day < 25; day++) base = await make(`base ${day}`, `2026-01-${day}T00:00:00Z`, [base]);
  return { repo, make, old, base };
}

describe('where clocks differed', () => {
  test.each([0, 1, 4])('what comes in with a merge is not taken for an own commit: %d', async (from) => {
    const { repo, make, old, base } = await skewed();
    const merge = await make('merge', '2026-02-01T00:00:00Z', [old[from]!, base]);
    const head = await make('own', '2026-02-02T00:00:00Z', [merge]);
    expect(await foldedMessages(repo, base, head)).toEqual(['merge', 'own']);
    expect((await ownCommits(repo, base, head)).map(({ commit }) => commit)).toEqual([merge, head]);
  });

  it('a branch that was put behind its base has no commits of its own', async () => {
    const { repo, old, base } = await skewed();
    expect(await foldedMessages(repo, base, old[3]!)).toEqual([]);
    expect(await ownCommits(repo, base, old[3]!)).toEqual([]);
  });

  it('all commits on top of the base are own ones, the newest fifty of them', async () => {
    const { repo, make, base } = await skewed();
    let head = base;
    for (let made = 1; made <= 51; made++) head = await make(`own ${made}`, '2026-02-02T00:00:00Z', [head]);
    const own = Array.from({ length: 50 }, (_, at) => `own ${at + 2}`);
    expect(await foldedMessages(repo, base, head)).toEqual(own);
    expect((await ownCommits(repo, base, head)).map(({ subject }) => subject)).toEqual(own);
  });
});
