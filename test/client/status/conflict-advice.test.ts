import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { conflictAdvice } from '../../../client/status/conflict-advice';
import { mergeTrees } from '../../../git/content/merge-tree';
import { checkOutSubmodules } from '../../../git/submodule/submodule-checkout';
import { keepSubmoduleCommits } from '../../../git/submodule/submodule-keep';
import { leaveConflict } from '../../../git/worktree/conflict';
import { unmergedFiles } from '../../../git/worktree/unmerged';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';

const { commit, git } = support;
afterAll(support.removeTemporaryFolders);

const execute = promisify(execFile);
const branch = 'epic-1-x';
const BASE = {
  'a bin': '\0base\n',
  'its gone': '1\n',
  "it's left": '1\n',
  'text file': '1\n',
  'line\nbreak': '1\n',
};

/** A worktree in which the epic's changes are being merged with main's. */
async function conflicted() {
  const repo = await support.repositoryWithSubmodules(BASE);
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  await checkOutSubmodules(repo, worktree);
  const links = {
    ours: await commit(join(worktree, 'libs/lib'), 'epic', { 'lib.txt': 'epic\n' }),
    theirs: await commit(join(repo.path, 'libs/lib'), 'main', { 'lib.txt': 'main\n' }),
  };
  const ours = await commit(worktree, 'epic', {
    ...{ 'a bin': '\0epic\n', 'its gone': null, "it's left": 'epic\n', 'line\nbreak': null },
  });
  await keepSubmoduleCommits(repo, { worktree, prefix: 'refs/yokeflow/tasks/1' });
  const theirs = await commit(repo.path, 'main', {
    ...{ 'a bin': '\0main\n', 'its gone': 'main\n', "it's left": null, 'line\nbreak': 'main\n' },
  });
  await leaveConflict(repo, { worktree, branch, theirs });
  const merged = await mergeTrees(repo, { ours: theirs, theirs: ours });
  const files = merged.kind === 'conflict' ? merged.files : [];
  const advice = async () =>
    conflictAdvice(await unmergedFiles(repo, worktree), {
      during: 'landing',
      files,
      ours: theirs,
      theirs: ours,
    });
  return { worktree, links, advice };
}

async function paste(worktree: string, commands: string[]): Promise<void> {
  for (const command of commands) await execute('bash', ['-ec', command], { cwd: worktree });
}

/** What the comment of a line has in its place. */
const other = (command: string): string => {
  const [plain = '', alternative] = command.split(/ {4}# .*: /);
  if (alternative === undefined) return plain;
  if (alternative.startsWith('git ')) return alternative;
  return alternative === '--theirs'
    ? plain.replace('--ours', alternative)
    : plain.replace(/\b[0-9a-f]{40}\b/, alternative);
};

const left = (worktree: string) => git(worktree, 'ls-files', '--stage');

it('what it says of files and submodules resolves them as it says, one way or the other', async () => {
  for (const side of ['ours', 'theirs'] as const) {
    const { worktree, links, advice } = await conflicted();
    const { edit, commands } = await advice();
    expect(edit).toBe(false);
    await paste(worktree, side === 'ours' ? commands : commands.map(other));
    await git(worktree, 'add', '--all');
    expect(await left(worktree)).toContain(`160000 ${links[side]} 0\tlibs/lib`);
    expect(await git(worktree, 'show', ':a bin')).toBe(side === 'ours' ? '\0epic' : '\0main');
    const kept = (await git(worktree, 'ls-files', '-z')).split('\0');
    expect(['its gone', "it's left", 'line\nbreak'].filter((path) => kept.includes(path))).toHaveLength(
      side === 'ours' ? 3 : 0,
    );
    expect((await advice()).commands).toEqual([]);
    await git(worktree, 'commit', '--quiet', '--no-edit');
  }
});

it('of a submodule that is not checked out, only the link is settled', async () => {
  const { worktree, links, advice } = await conflicted();
  await rm(join(worktree, 'libs/lib'), { recursive: true });
  await paste(
    worktree,
    (await advice()).commands.filter((command) => command.includes('libs/lib')).map(other),
  );
  expect(await left(worktree)).toContain(`160000 ${links.theirs} 0\tlibs/lib`);
});

/** What two sides did, as a conflict that is left in the epic's worktree. */
async function between(
  ours: (folder: string) => Promise<unknown>,
  theirs: (folder: string) => Promise<unknown>,
) {
  const repo = await support.newRepository({ keep: '1\n' });
  const worktree = join(repo.path, '.worktrees', branch);
  await ensureWorktree(repo, { path: worktree, branch, start: 'main' });
  const heads: string[] = [];
  for (const [folder, change] of [[worktree, ours] as const, [repo.path, theirs] as const]) {
    await change(folder);
    heads.push(await commit(folder, 'change', {}));
  }
  const [own = '', main = ''] = heads;
  await leaveConflict(repo, { worktree, branch, theirs: main });
  const merged = await mergeTrees(repo, { ours: main, theirs: own });
  const files = merged.kind === 'conflict' ? merged.files : [];
  const conflict = { during: 'landing' as const, files, ours: main, theirs: own };
  return { worktree, ...conflictAdvice(await unmergedFiles(repo, worktree), conflict) };
}

it.each([false, true])(
  'of a file where the other side has a folder, both are kept or the file goes: %s',
  async (drop) => {
    const { worktree, edit, commands } = await between(
      (folder) => writeFile(join(folder, 'a place'), 'file\n'),
      async (folder) => {
        await mkdir(join(folder, 'a place'));
        await writeFile(join(folder, 'a place/in'), 'folder\n');
      },
    );
    expect(edit).toBe(false);
    await paste(worktree, drop ? commands.map(other) : commands);
    await git(worktree, 'commit', '--quiet', '--no-edit');
    const files = ['a place/in', ...(drop ? [] : ['a place.file']), 'keep'];
    expect((await git(worktree, 'ls-files', '-z')).split('\0').filter(Boolean).sort()).toEqual(files.sort());
  },
);

it.each(['one', 'two'])('of a symbolic link, one side is taken: %s', async (target) => {
  const { worktree, edit, commands } = await between(
    (folder) => symlink('one', join(folder, 'a link')),
    (folder) => symlink('two', join(folder, 'a link')),
  );
  expect(edit).toBe(false);
  await paste(worktree, target === 'one' ? commands : commands.map(other));
  await git(worktree, 'commit', '--quiet', '--no-edit');
  expect(await git(worktree, 'show', 'HEAD:a link')).toBe(target);
});
