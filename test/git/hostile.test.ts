import { execFile } from 'node:child_process';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesWithMarkers, leaveConflict, mergeHead } from '../../git/worktree/conflict';
import { gitIn } from '../../git/repository/checkout';
import { land } from '../../git/landing/landing';
import type { Repository } from '../../git/repository/repository';
import { resetWorktree } from '../../git/worktree/reset';
import { snapshot } from '../../git/worktree/snapshot';
import { isClean } from '../support/clean-worktree';
import { syncDependencies } from '../../git/worktree/sync';
import { commitTask, foldedMessages, worktreeTree } from '../../git/worktree/task-commit';
import { ensureWorktree, removeWorktree } from '../../git/worktree/worktrees';
import * as support from '../support/git-repository';
import { prepareLanding } from '../support/landing';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const date = '2026-01-02T03:04:05Z';
const branch = 'epic-1-x';

interface Trap {
  repo: Repository;
  worktree: string;
  /** A command that leaves a mark when it runs. */
  trap: (name: string) => string;
  marks: () => Promise<string[]>;
}

async function setTraps(): Promise<Trap> {
  const repo = await newRepository({
    'a.txt': '1\n2\n3\n',
    'm.evil': '1\n2\n3\n',
    '.gitattributes': '*.evil merge=evil\n',
  });
  const folder = await support.temporaryFolder();
  const trap = (name: string) => `touch ${join(folder, name)}; cat`;
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  return { repo, worktree, trap, marks: () => readdir(folder) };
}

const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-rebase',
  'prepare-commit-msg',
  'reference-transaction',
];

async function plant({ repo, trap }: Trap): Promise<void> {
  for (const hook of HOOKS) {
    const file = join(repo.gitDir, 'hooks', hook);
    await writeFile(file, `#!/bin/sh\n${trap(`hook-${hook}`)} >/dev/null </dev/null\n`);
    await chmod(file, 0o755);
  }
  const script = join(repo.gitDir, 'monitor');
  // It must not read its input: the plain git at the end would wait for it for ever.
  await writeFile(script, `#!/bin/sh\n${trap('program')} </dev/null\n`);
  await chmod(script, 0o755);
  const settings: Record<string, string> = {
    'core.fsmonitor': script,
    'core.hooksPath': join(repo.gitDir, 'hooks'),
    'core.pager': script,
    'core.editor': script,
    'core.sshCommand': script,
    'core.worktree': join(repo.path, '..'),
    'diff.external': script,
    'gpg.program': script,
    'commit.gpgSign': 'true',
    'credential.helper': `!${trap('credential')}`,
    'alias.status': `!${trap('alias')}`,
    'branch.epic-1-x.mergeOptions': '--squash',
    'merge.evil.driver': trap('merge'),
    'diff.evil.command': script,
    'diff.evil.textconv': script,
  };
  for (const name of ['evil', 'with=equals', 'Dotted.Name']) {
    for (const key of ['clean', 'smudge']) settings[`filter.${name}.${key}`] = trap(`${key}-${name.length}`);
    settings[`filter.${name}.process`] = script;
    settings[`filter.${name}.required`] = 'true';
  }
  for (const [key, value] of Object.entries(settings)) await git(repo.path, 'config', key, value);
  // Git has these since 2.54.
  await git(repo.path, 'config', 'hook.evil.command', `${trap('hook-setting')} >/dev/null </dev/null`);
  for (const hook of HOOKS) await git(repo.path, 'config', '--add', 'hook.evil.event', hook);
  await writeFile(
    join(repo.gitDir, 'info', 'attributes'),
    '* diff=evil\n*.txt filter=evil\n*.equals filter=with=equals\n*.dotted filter=Dotted.Name\n*.evil merge=evil\n',
  );
}

it('runs nothing that an agent planted in the repository', async () => {
  const traps = await setTraps();
  const { repo, worktree, marks } = traps;
  const base = await git(repo.path, 'rev-parse', 'main');
  await write(worktree, {
    'a.txt': '1\n2\n3\n4\n',
    'm.evil': 'epic\n',
    'b.txt': 'b\n',
    'c.equals': 'c\n',
    'd.dotted': 'd\n',
  });
  const other = await newBranch(repo, 'other', { 'o.txt': 'o\n' });
  const rival = await newBranch(repo, 'rival', { 'm.evil': 'rival\n' });
  await plant(traps);

  const kept = await snapshot(repo, { worktree, ref: 'refs/yokeflow/wip/1/1', message: 'wip' });
  expect(kept).not.toBeNull();
  const tree = await worktreeTree(repo, worktree);
  const made = await commitTask(repo, { worktree, branch, base, tree, message: 'T1', date });
  expect(await isClean(repo, worktree)).toBe(true);
  expect(await foldedMessages(repo, base, made.commit)).toEqual(['T1']);
  const synced = await syncDependencies(repo, {
    worktree,
    branch,
    dependencies: [{ task: 2, commit: other }],
  });
  expect(synced.kind).toBe('synced');
  expect(await isClean(repo, worktree)).toBe(true);

  const request = { baseBranch: 'main', head: branch, strategy: 'regular' as const, message: 'Land', date };
  const prepared = await prepareLanding(repo, request);
  if (prepared.kind !== 'candidate') throw new Error('expected a candidate');
  expect((await land(repo, { baseBranch: 'main', candidate: prepared })).kind).toBe('landed');

  expect((await prepareLanding(repo, { ...request, head: 'rival' })).kind).toBe('conflict');
  await leaveConflict(repo, { worktree, branch, theirs: rival });
  await resetWorktree(repo, { worktree, branch, to: made.commit });
  expect(await removeWorktree(repo, { path: worktree, branch, base: ['main'] })).toEqual({ removed: true });
  await ensureWorktree(repo, { path: worktree, branch: 'epic-2-y', start: 'main' });
  expect(await marks()).toEqual([]);

  // The traps are real: the plain command springs them.
  await git(repo.path, 'config', '--unset', 'core.worktree');
  await write(worktree, { 'c.equals': 'changed\n' });
  await git(worktree, 'add', '--all').catch(() => undefined);
  expect(await marks()).toContain('program');
});

it('does not look into a repository that an agent linked as a submodule', async () => {
  const { repo, worktree, trap, marks } = await setTraps();
  const inner = join(worktree, 'inner');
  await git(repo.path, 'init', '--quiet', inner);
  await commit(inner, 'inner work', { 'inner.txt': 'inner\n' });
  await commit(worktree, 'agent commits the link');
  const script = join(inner, '.git', 'monitor');
  await writeFile(script, `#!/bin/sh\n${trap('submodule')}\n`);
  await chmod(script, 0o755);
  await git(inner, 'config', 'core.fsmonitor', script);
  await write(inner, { 'inner.txt': 'changed\n' });

  expect(await isClean(repo, worktree)).toBe(true);
  const tree = await worktreeTree(repo, worktree);
  expect(await git(repo.path, 'show', `${tree}:inner/inner.txt`)).toBe('changed');
  expect(await snapshot(repo, { worktree, ref: 'refs/yokeflow/wip/1/1', message: 'wip' })).not.toBeNull();
  const base = await git(repo.path, 'rev-parse', 'main');
  await commitTask(repo, { worktree, branch, base, tree, message: 'T1', date });
  expect(await isClean(repo, worktree)).toBe(true);
  expect(await marks()).toEqual([]);
});

it('waits for no pipe that an agent has put in the place of a file', async () => {
  const { repo, worktree } = await setTraps();
  const inside = await gitIn(repo, worktree);
  for (const file of [join(inside.gitDir, 'MERGE_HEAD'), join(worktree, 'marked.txt')])
    await promisify(execFile)('mkfifo', [file]);
  expect(await mergeHead(inside)).toBeNull();
  expect(await filesWithMarkers(worktree, ['marked.txt'])).toEqual([]);
});

it('is not led to another repository by a rewritten .git file or commondir', async () => {
  const { repo, worktree } = await setTraps();
  const victim = await newRepository({ 'victim.txt': 'v\n' });
  const before = await git(victim.path, 'rev-parse', 'main');
  const base = await git(repo.path, 'rev-parse', 'main');
  await writeFile(join(worktree, '.git'), `gitdir: ${victim.gitDir}\n`);
  await writeFile(join(repo.gitDir, 'worktrees', branch, 'commondir'), `${victim.gitDir}\n`);
  await write(worktree, { 'b.txt': 'b\n' });
  const tree = await worktreeTree(repo, worktree);
  const { commit: made } = await commitTask(repo, { worktree, branch, base, tree, message: 'T1', date });
  expect(await git(repo.path, 'rev-parse', branch)).toBe(made);
  expect(await git(victim.path, 'rev-parse', 'main')).toBe(before);
  expect(await git(victim.path, 'status', '--porcelain')).toBe('');
});
