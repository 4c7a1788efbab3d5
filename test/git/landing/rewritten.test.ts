import { land } from '../../../git/landing/landing';
import { lookAtBase, rememberBase } from '../../../git/landing/rewritten';
import * as support from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

const { commit, git, newBranch, newRepository } = support;
afterAll(support.removeTemporaryFolders);

it('a base branch that only grew is as it was; one that was amended is said to be rewritten until that is taken in, and kept', async () => {
  const repo = await newRepository();
  const look = () => lookAtBase(repo, 'main');
  const start = await git(repo.path, 'rev-parse', 'main');
  expect(await look()).toEqual({ is: start, rewritten: null });
  await rememberBase(repo, 'main', start);
  const was = await commit(repo.path, 'more', { 'b.txt': 'b\n' });
  expect(await look()).toEqual({ is: was, rewritten: null });
  await rememberBase(repo, 'main', was);

  await git(repo.path, 'commit', '--quiet', '--amend', '-m', 'said better');
  const is = await git(repo.path, 'rev-parse', 'main');
  const keptAt = `refs/yokeflow/rewritten/${was.slice(0, 10)}`;
  expect(await look()).toEqual({ is, rewritten: { was, keptAt } });
  expect(await look()).toEqual({ is, rewritten: { was, keptAt } });
  await rememberBase(repo, 'main', is);
  expect(await look()).toEqual({ is, rewritten: null });
  await git(repo.path, 'reflog', 'expire', '--expire=now', '--all');
  await git(repo.path, 'gc', '--quiet', '--prune=now');
  expect(await git(repo.path, 'rev-parse', keptAt)).toBe(was);
});

it('what landed is missed when the base branch is set back to where it was before', async () => {
  const repo = await newRepository();
  const before = await git(repo.path, 'rev-parse', 'main');
  await newBranch(repo, 'epic-1-x', { b: 'b' });
  const request = { baseBranch: 'main', head: 'epic-1-x', strategy: 'regular' as const, message: 'Land' };
  const candidate = await prepareLanding(repo, { ...request, date: '2026-01-02T03:04:05Z' });
  if (candidate.kind !== 'candidate') throw new Error('expected a candidate');
  await land(repo, { baseBranch: 'main', candidate });
  await rememberBase(repo, 'main', candidate.base.new);
  await git(repo.path, 'reset', '--quiet', '--hard', before);
  expect(await lookAtBase(repo, 'main')).toMatchObject({
    is: before,
    rewritten: { was: candidate.base.new },
  });
});
