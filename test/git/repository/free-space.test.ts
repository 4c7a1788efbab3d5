import { join } from 'node:path';
import { missingSpace } from '../../../git/repository/free-space';
import { newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

it('tells a checkout that fits, with its reserve, from one that does not', async () => {
  const repo = await newRepository({ 'a.txt': 'x'.repeat(1000) });
  const request = { path: join(repo.path, '.worktrees', 'not', 'there', 'yet'), commit: 'main' };
  expect(await missingSpace(repo, { ...request, reserve: 0 })).toBeNull();
  const reserve = 1e18;
  const missing = await missingSpace(repo, { ...request, reserve });
  expect(missing).toEqual({ free: expect.any(Number), needed: reserve + 1000 });
  expect(missing!.free).toBeGreaterThan(0);
});
