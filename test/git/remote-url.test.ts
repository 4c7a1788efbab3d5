import { remoteUrl } from '../../git/remote/remote-url';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';

afterAll(removeTemporaryFolders);

test('where the own push goes: the remote of the base branch, or else origin; no login in it', async () => {
  const repo = await newRepository();
  expect(await remoteUrl(repo, 'main')).toBeNull();
  await git(repo.path, 'remote', 'add', 'origin', 'https://me:secret@github.com/owner/app.git');
  expect(await remoteUrl(repo, 'main')).toBe('https://github.com/owner/app.git');
  await git(repo.path, 'remote', 'set-url', '--push', 'origin', 'git@github.com:owner/app.git');
  expect(await remoteUrl(repo, 'main')).toBe('git@github.com:owner/app.git');
  await git(repo.path, 'remote', 'add', 'mine', '../elsewhere');
  await git(repo.path, 'config', 'branch.main.remote', 'mine');
  expect(await remoteUrl(repo, 'main')).toBe(repo.path.replace(/repo$/, 'elsewhere'));
});
