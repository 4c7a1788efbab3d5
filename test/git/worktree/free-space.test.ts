import { join } from 'node:path';
import { claimSpace, releaseSpace } from '../../../git/worktree/free-space';
import { writeCommit } from '../../../git/content/commit-object';
import { gitOf } from '../../../git/repository/repository';
import { git, newRepository, removeTemporaryFolders } from '../../support/git-repository';

afterAll(removeTemporaryFolders);

it('tells a checkout that fits, with its reserve, from one that does not', async () => {
  const repo = await newRepository({ 'a.txt': 'x'.repeat(1000) });
  const request = { path: join(repo.path, '.worktrees', 'not', 'there', 'yet'), commit: 'main' };
  expect(await claimSpace(repo, { ...request, reserve: 0 })).toBeNull();
  const reserve = 1e18;
  const missing = await claimSpace(repo, { ...request, reserve });
  expect(missing).toEqual({ free: expect.any(Number), needed: reserve + 1000 });
  expect(missing!.free).toBeGreaterThan(0);
});

it('leaves room for checkouts that are being written, until they are there', async () => {
  const repo = await newRepository({ 'a.txt': 'x'.repeat(1_000_000) });
  // A hundred times the same file: no disk is full of it, and each checkout would take 100 MB.
  const blob = await git(repo.path, 'rev-parse', 'main:a.txt');
  const input = Array.from({ length: 100 }, (_, index) => `100644 blob ${blob}\t${index}\n`).join('');
  const tree = await gitOf(repo).line(['mktree'], { input });
  const commit = await writeCommit(repo, {
    tree,
    parents: [],
    message: 'large',
    date: '2026-01-02T03:04:05Z',
  });
  const request = (name: string) => ({ path: join(repo.path, '.worktrees', name), commit });
  const { free } = (await claimSpace(repo, { ...request('one'), reserve: 1e18 }))!;
  // Whatever else writes to this disk meanwhile, or removes: as much as a hundred checkouts would stay free.
  const reserve = free - 10_000_000_000;
  const names = Array.from({ length: 300 }, (_, index) => `w${index}`);
  const refused: string[] = [];
  for (const name of names) if (await claimSpace(repo, { ...request(name), reserve })) refused.push(name);
  expect(refused).toContain('w299');
  expect(refused).not.toContain('w0');
  for (const name of names) releaseSpace(request(name).path);
  expect(await claimSpace(repo, { ...request('one'), reserve })).toBeNull();
  releaseSpace(request('one').path);
});
