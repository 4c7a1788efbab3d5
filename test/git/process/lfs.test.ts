import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { land } from '../../../git/landing/landing';
import type { Repository } from '../../../git/repository/repository';
import { snapshot } from '../../../git/worktree/snapshot';
import { isClean } from '../../support/clean-worktree';
import { commitTask, worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree, removeWorktree } from '../../../git/worktree/worktrees';
import { describeWithLfs, titleWithLfs } from '../../support/git-lfs';
import * as support from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

const { commit, git, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const date = '2026-01-02T03:04:05Z';
const branch = 'epic-1-x';
const pathIn = (repo: Repository) => join(repo.path, '.worktrees', branch);
const attributes = { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' };
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 5\n`;

/** A task's commit of what is in the worktree now, landed. */
async function landWork(repo: Repository): Promise<void> {
  const base = await git(repo.path, 'rev-parse', branch);
  const tree = await worktreeTree(repo, pathIn(repo));
  await commitTask(repo, { worktree: pathIn(repo), branch, base, tree, message: 'T1', date });
  const request = { baseBranch: 'main', head: branch, strategy: 'regular' as const, message: 'm', date };
  const candidate = await prepareLanding(repo, request);
  if (candidate.kind !== 'candidate') throw new Error(candidate.kind);
  expect(await land(repo, { baseBranch: 'main', candidate })).toMatchObject({ kind: 'landed' });
}

it('without LFS set up, pointers stay what they are, to the byte', async () => {
  const repo = await newRepository({ ...attributes, 'a.bin': pointer });
  await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
  expect(await readFile(join(pathIn(repo), 'a.bin'), 'utf8')).toBe(pointer);
  await write(pathIn(repo), { 'b.txt': 'b\n' });
  await landWork(repo);
  expect(await git(repo.path, 'cat-file', 'blob', 'main:a.bin')).toBe(pointer.trim());
  expect(await removeWorktree(repo, { path: pathIn(repo), branch, base: ['main'] })).toEqual({
    removed: true,
  });
});

describeWithLfs(titleWithLfs('with LFS set up'), () => {
  async function lfsRepository(): Promise<Repository> {
    const repo = await newRepository(attributes);
    await git(repo.path, 'lfs', 'install', '--local');
    await commit(repo.path, 'add a big file', { 'a.bin': 'content of a\n' });
    expect(await git(repo.path, 'cat-file', 'blob', 'main:a.bin')).toContain('git-lfs.github.com');
    await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
    return repo;
  }

  it('contents are in the worktree, pointers in commits, contents in the checkout again when they land', async () => {
    const repo = await lfsRepository();
    expect(await readFile(join(pathIn(repo), 'a.bin'), 'utf8')).toBe('content of a\n');
    expect(await isClean(repo, pathIn(repo))).toBe(true);
    await write(pathIn(repo), { 'a.bin': 'content, changed\n', 'b.bin': 'new\n' });
    const kept = await snapshot(repo, { worktree: pathIn(repo), ref: 'refs/yokeflow/wip/1/1', message: 'w' });
    expect(await git(repo.path, 'cat-file', 'blob', `${kept!.commit}:b.bin`)).toContain('oid sha256');
    await landWork(repo);
    expect(await git(repo.path, 'cat-file', 'blob', 'main:a.bin')).toContain('size 17');
    expect(await readFile(join(repo.path, 'a.bin'), 'utf8')).toBe('content, changed\n');
    expect(await git(repo.path, 'status', '--porcelain')).toBe('');
    expect(await git(repo.path, 'lfs', 'fsck')).toContain('OK');
    expect(await removeWorktree(repo, { path: pathIn(repo), branch, base: ['main'] })).toEqual({
      removed: true,
    });
  });

  it('a content that would have to be downloaded stays a pointer, which is no change', async () => {
    const repo = await lfsRepository();
    await removeWorktree(repo, { path: pathIn(repo), branch, base: ['main'] });
    // Only now: to look for changes in the worktree stores its contents anew.
    await rm(join(repo.gitDir, 'lfs', 'objects'), { recursive: true });
    await ensureWorktree(repo, { path: pathIn(repo), branch, start: 'main' });
    expect(await readFile(join(pathIn(repo), 'a.bin'), 'utf8')).toContain('oid sha256');
    expect(await isClean(repo, pathIn(repo))).toBe(true);
  });

  it('runs no program that an agent planted as an LFS extension or transfer agent', async () => {
    const repo = await lfsRepository();
    const mark = join(repo.path, '..', 'mark');
    const trap = join(repo.path, '..', 'trap');
    await writeFile(trap, `#!/bin/sh\ntouch ${mark}\ncat\n`, { mode: 0o755 });
    await git(repo.path, 'config', 'lfs.extension.evil.clean', trap);
    await git(repo.path, 'config', 'lfs.extension.evil.smudge', trap);
    await git(repo.path, 'config', 'lfs.extension.evil.priority', '0');
    await git(repo.path, 'config', 'filter.lfs.clean', trap);
    await git(repo.path, 'config', 'lfs.customtransfer.evil.path', trap);
    await git(repo.path, 'config', 'lfs.standalonetransferagent', 'evil');
    await write(pathIn(repo), { 'a.bin': 'changed by an agent\n' });
    await worktreeTree(repo, pathIn(repo)).catch(() => undefined);
    await rm(join(repo.gitDir, 'lfs', 'objects'), { recursive: true });
    await removeWorktree(repo, {
      path: pathIn(repo),
      branch,
      base: ['main'],
      force: true,
      snapshotRef: 'refs/k',
    }).catch(() => undefined);
    await ensureWorktree(repo, { path: `${pathIn(repo)}-y`, branch: `${branch}-y`, start: 'main' }).catch(
      () => undefined,
    );
    await expect(readFile(mark)).rejects.toThrow('ENOENT');

    // The trap is real: the plain command springs it.
    await git(repo.path, 'config', '--unset', 'filter.lfs.clean');
    await write(repo.path, { 'c.bin': 'c\n' });
    await git(repo.path, 'add', 'c.bin').catch(() => undefined);
    await readFile(mark);
  });
});
