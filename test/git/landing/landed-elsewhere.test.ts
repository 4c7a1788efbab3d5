import { unlanded } from '../../../git/content/commits';
import { integrationRef } from '../../../git/landing/integration';
import { landedElsewhere } from '../../../git/landing/landed-elsewhere';
import { landedIn } from '../../../git/landing/landed-in';
import { provenTips } from '../../../git/landing/landing';
import { commit, git, newBranch, newRepository, removeTemporaryFolders } from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

afterAll(removeTemporaryFolders);

const date = '2026-11-25T07:00:00Z';
const baseBranch = 'main';

async function squashed() {
  const repo = await newRepository();
  const head = await newBranch(repo, 'epic-1-x', { 'a.txt': '1\nepic\n3\n' });
  const by = await commit(repo.path, 'Epic (#11)', { 'a.txt': '1\nepic\n3\n' });
  const proven = async (id: string) => {
    const tips = await provenTips(repo, { baseBranch });
    return (await unlanded(repo, [id], tips)).unlanded.size === 0;
  };
  return { repo, head, by, proven };
}

test('what others squashed is proven to be in the base branch from then on, also when that has gone on', async () => {
  const { repo, head, by, proven } = await squashed();
  await commit(repo.path, 'more', { 'b.txt': '1\n' });
  const main = await git(repo.path, 'rev-parse', 'main');
  expect(await proven(head)).toBe(false);
  await landedElsewhere(repo, { baseBranch, head, by, date });
  expect(await proven(head)).toBe(true);
  expect(await git(repo.path, 'rev-parse', 'main')).toBe(main);
  const tip = await git(repo.path, 'rev-parse', integrationRef('main'));
  expect(await git(repo.path, 'diff', '--stat', tip, 'main')).toBe('');
  expect(await landedIn(repo, { baseBranch, commit: head })).toMatchObject({ commit: by });
  await landedElsewhere(repo, { baseBranch, head, by, date });
  expect(await git(repo.path, 'rev-parse', integrationRef('main'))).toBe(tip);
});

test('an epic on top of it merges by squash without a conflict, also where main changed the same lines since', async () => {
  const { repo, head, by } = await squashed();
  const upper = await newBranch(repo, 'epic-2-y', { 'c.txt': '1\n' }, 'epic-1-x');
  await commit(repo.path, 'edit', { 'a.txt': '1\nmain after\n3\n' });
  await landedElsewhere(repo, { baseBranch, head, by, date });
  const request = { baseBranch, strategy: 'squash' as const, head: upper, message: 'Epic 2', date };
  const candidate = await prepareLanding(repo, request);
  if (candidate.kind !== 'candidate') throw new Error(candidate.kind);
  expect(await git(repo.path, 'show', `${candidate.tree}:a.txt`)).toBe('1\nmain after\n3');
});

test('a base branch that is rewritten drops it again', async () => {
  const { repo, head, by, proven } = await squashed();
  await landedElsewhere(repo, { baseBranch, head, by, date });
  await git(repo.path, 'reset', '--quiet', '--hard', 'HEAD^');
  expect(await proven(head)).toBe(false);
});
