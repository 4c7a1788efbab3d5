import { subjectsAndTrailers } from '../../../git/content/trailers';
import { commit, git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

test('trailers of ours are found, whatever stands for a colon in those of the repository', async () => {
  const repo = await newRepository();
  await commit(repo.path, 'T1 Work\n\nYokeFlow-Task: 1', { a: 'a' });
  const head = await git(repo.path, 'rev-parse', 'HEAD');
  await git(repo.path, 'config', 'trailer.separators', '=');
  expect(await subjectsAndTrailers(repo, [head])).toEqual([
    { subject: 'T1 Work', trailers: 'YokeFlow-Task: 1' },
  ]);
});

test('what commits say is read as it was written, whatever encoding the repository shows it in', async () => {
  const repo = await newRepository();
  await commit(repo.path, 'T1 Grüße', { a: 'a' });
  const head = await git(repo.path, 'rev-parse', 'HEAD');
  await git(repo.path, 'config', 'i18n.logOutputEncoding', 'ISO-8859-1');
  expect(await subjectsAndTrailers(repo, [head])).toEqual([{ subject: 'T1 Grüße', trailers: '' }]);
});
