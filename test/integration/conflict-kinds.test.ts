import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProject } from '../../db/project/projects';
import { listWorktrees } from '../../db/worktree/worktrees';
import type { ConflictFile } from '../../domain/model';
import { git, repositoryWithSubmodules, type Files } from '../support/git-repository';
import { conflictBy } from '../support/conflict';
import { planOf } from '../support/plans';
import { projectName, useSystem } from '../support/system';

const execute = promisify(execFile);

const system = useSystem();

interface Kind {
  name: string;
  /** Below a folder of this kind's own, as is everything else here but for the submodule. */
  base?: Files;
  /** What lands first. */
  ours: string;
  /** What then conflicts with it. */
  theirs: string;
  files: ConflictFile[];
  /** How a person resolves it, before `git add --all`. */
  resolve: string;
  /** What is in the folder then. */
  resolved: Files;
}

const lines = (word: string) => Array.from({ length: 20 }, (_, n) => `${word} ${n}\n`).join('');
const file = (path: string, kind: string): ConflictFile => ({ path, kind });

const KINDS: Kind[] = [
  {
    name: 'content',
    base: { f: '1\n2\n3\n' },
    ours: 'sed -i s/2/ours/ f',
    theirs: 'sed -i s/2/theirs/ f',
    files: [file('content/f', 'contents')],
    resolve: "printf '1\\nboth\\n3\\n' > f",
    resolved: { f: '1\nboth\n3' },
  },
  {
    name: 'add-add',
    ours: 'echo ours > f',
    theirs: 'echo theirs > f',
    files: [file('add-add/f', 'add/add')],
    resolve: 'echo both > f',
    resolved: { f: 'both' },
  },
  {
    name: 'modify-delete',
    base: { f: '1\n' },
    ours: 'echo ours > f',
    theirs: 'rm f',
    files: [file('modify-delete/f', 'modify/delete')],
    resolve: 'echo kept > f',
    resolved: { f: 'kept' },
  },
  {
    name: 'delete-modify',
    base: { f: '1\n', other: '1\n' },
    ours: 'rm f',
    theirs: 'echo theirs > f',
    files: [file('delete-modify/f', 'modify/delete')],
    resolve: 'rm f',
    resolved: { f: null },
  },
  {
    name: 'rename-rename-1to2',
    base: { f: lines('one') },
    ours: 'mv f x',
    theirs: 'mv f y',
    files: ['f', 'x', 'y'].map((path) => file(`rename-rename-1to2/${path}`, 'rename/rename')),
    resolve: 'rm -f f x',
    resolved: { f: null, x: null, y: lines('one').trim() },
  },
  {
    name: 'rename-rename-2to1',
    base: { a: lines('a'), b: lines('b') },
    ours: 'mv a c',
    theirs: 'mv b c',
    files: [file('rename-rename-2to1/c', 'add/add')],
    resolve: 'echo both > c',
    resolved: { a: null, b: null, c: 'both' },
  },
  {
    name: 'rename-delete',
    base: { f: lines('renamed'), other: '1\n' },
    ours: 'mv f g',
    theirs: 'rm f',
    files: [file('rename-delete/g', 'rename/delete')],
    resolve: 'rm -f g',
    resolved: { f: null, g: null },
  },
  {
    name: 'delete-rename',
    base: { f: lines('deleted'), other: '1\n' },
    ours: 'rm f',
    theirs: 'mv f g',
    files: [file('delete-rename/g', 'rename/delete')],
    resolve: 'echo kept > g',
    resolved: { f: null, g: 'kept' },
  },
  {
    name: 'file-directory',
    ours: 'echo file > p',
    theirs: 'mkdir p; echo inside > p/q',
    files: [file('file-directory/p', 'file/directory')],
    resolve: 'mv p~* file',
    resolved: { file: 'file', 'p/q': 'inside' },
  },
  {
    name: 'directory-file',
    ours: 'mkdir p; echo inside > p/q',
    theirs: 'echo file > p',
    files: [file('directory-file/p', 'file/directory')],
    resolve: 'mv p~* file',
    resolved: { file: 'file', 'p/q': 'inside' },
  },
  {
    name: 'directory-rename',
    base: { 'old/x': lines('x'), 'old/y': lines('y') },
    ours: 'mv old new',
    theirs: 'echo z > old/z',
    files: [file('directory-rename/new/z', 'directory rename suggested')],
    resolve: 'true',
    resolved: { 'new/z': 'z', 'old/z': null },
  },
  {
    name: 'mode',
    ours: 'echo same > f; chmod +x f',
    theirs: 'echo same > f',
    files: [file('mode/f', 'add/add')],
    resolve: 'chmod +x f',
    resolved: { f: 'same' },
  },
  {
    name: 'binary',
    base: { f: '\0base\n' },
    ours: "printf '\\0ours\\n' > f",
    theirs: "printf '\\0theirs\\n' > f",
    files: [file('binary/f', 'binary')],
    resolve: 'git checkout --quiet --theirs f',
    resolved: { f: '\0ours' },
  },
  {
    name: 'link-file',
    ours: 'ln -s target f',
    theirs: 'echo file > f',
    files: [file('link-file/f', 'distinct modes')],
    resolve: 'mv f~* kept',
    resolved: { kept: 'file' },
  },
  {
    name: 'submodule',
    ours: 'cd ../libs/lib; echo ours > lib.txt; git commit -qam ours',
    // The same commit in both epics that make it.
    theirs: `cd ../libs/lib; echo theirs > lib.txt
      GIT_AUTHOR_DATE=@1700000000+0000 GIT_COMMITTER_DATE=@1700000000+0000 git commit -qam theirs`,
    files: [file('libs/lib', 'submodule')],
    resolve: 'true',
    resolved: {},
  },
];

const inFolder = ({ name }: Kind, script: string) => `(mkdir -p ${name}; cd ${name}; ${script})`;

async function repository(): Promise<string> {
  const files = KINDS.flatMap(({ name, base = {} }) =>
    Object.entries(base).map(([path, content]) => [`${name}/${path}`, content] as const),
  );
  return (await repositoryWithSubmodules({ 'a.txt': '1\n', ...Object.fromEntries(files) })).path;
}

/**
 * Epic 1 changes everything. Epic 2 conflicts with it as it lands; epic 3 as its second task, which depends on epic 1,
 * starts. Both have begun before epic 1 is done.
 */
async function planFor(project: string) {
  const begun = join(system.folder, project);
  await mkdir(begun);
  const waitFor = (what: string) => `until ${what}; do sleep 0.1; done`;
  const each = (side: 'ours' | 'theirs') => KINDS.map((kind) => inFolder(kind, kind[side])).join('\n');
  const theirs = `${each('theirs')}\ntouch ${begun}/$YOKEFLOW_SLUG`;
  const ours = `${waitFor(`[ "$(ls ${begun} | wc -l)" = 2 ]`)}\n${each('ours')}\ntouch done`;
  return planOf(project, [
    { id: 1, epic: 1, action: ours },
    { id: 2, epic: 2, action: theirs },
    { id: 3, epic: 2, action: waitFor('git cat-file -e main:done 2> /dev/null') },
    { id: 4, epic: 3, action: theirs },
    { id: 5, epic: 3, action: 'touch after', after: [1, 4] },
  ]);
}

async function worktreeOf(project: string, epic: number) {
  const { id } = (await findProject(system.db, project))!;
  return (await listWorktrees(system.db, id)).find((worktree) => worktree.epic === epic)!;
}

const byPath = (files: ConflictFile[]) => [...files].sort((a, b) => (a.path < b.path ? -1 : 1));

/** Everything at once, as the guide says: edit, `git add`, `git commit`. */
async function resolveByHand(worktree: string): Promise<void> {
  const each = KINDS.map((kind) => inFolder(kind, kind.resolve)).join('\n');
  const script = `set -e\n${each}\ngit add --all\ngit commit --quiet --no-edit`;
  await execute('bash', ['-c', script], { cwd: worktree, env: { ...process.env, ...PERSON } });
}

test.each(['regular', 'squash'] as const)(
  '%s: every kind of conflict is data, is left in the worktree, and lands once a person has resolved it',
  async (mergeStrategy) => {
    const project = projectName();
    const path = await repository();
    await system.import(await planFor(project), path);
    const input = { project, parallel: true, maxAttempts: 1, mergeStrategy } as const;
    const first = await system.run({ ...input, onConflict: 'fail' });
    expect(first).toMatchObject({ outcome: 'SessionIncomplete', result: { tasks: { failed: 1 } } });
    const history = mergeStrategy === 'squash' ? 'refs/yokeflow/integration/main' : 'main';
    expect(await git(path, 'log', '--first-parent', '--format=%s', 'main', '-1')).toBe(
      'Merge epic 1: Part 1',
    );
    expect(await git(path, 'status', '--porcelain')).toBe('M libs/lib');

    const [landing, sync] = [await worktreeOf(project, 2), await worktreeOf(project, 3)];
    const sides = {
      landing: [history, landing.branchName],
      sync: [sync.branchName, 'refs/yokeflow/tasks/1'],
    };
    for (const { path: worktree, conflict } of [landing, sync]) {
      const [ours, theirs] = sides[conflict!.during];
      expect(byPath(conflict!.files)).toEqual(byPath(KINDS.flatMap(({ files }) => files)));
      expect(conflict!.ours).toBe(await git(path, 'rev-parse', ours!));
      expect(conflict!.theirs).toBe(await git(path, 'rev-parse', theirs!));
      const unmerged = await git(worktree, 'diff', '--name-only', '--diff-filter=U');
      for (const { name, files } of KINDS) {
        expect({ name, unmerged }).toEqual({ name, unmerged: expect.stringContaining(files[0]!.path) });
      }
      expect(await git(worktree, 'grep', '--count', '-e', '^<<<<<<<')).toContain('content/f:1');
      await resolveByHand(worktree);
    }

    const second = await system.run(input);
    expect(second).toMatchObject({ outcome: 'complete', message: '' });
    for (const { name, resolved } of KINDS) {
      for (const [at, content] of Object.entries(resolved)) {
        const got = await git(path, 'show', `main:${name}/${at}`).catch(() => null);
        expect({ name, at, content: got }).toEqual({ name, at, content });
      }
    }
    expect(await git(path, 'ls-tree', 'main', 'mode/f')).toContain('100755');
    await expect(git(path, 'grep', '-e', '^<<<<<<<', 'main')).rejects.toThrow();
    expect(await git(path, 'fsck', '--no-dangling')).toBe('');
  },
  120_000,
);

test('a move of a submodule that landed is not taken back by resolving another conflict: not silently', async () => {
  const project = projectName();
  const made = await repositoryWithSubmodules({ 'a.txt': '1\n' });
  const path = join(dirname(made.path), "A user's repo");
  await rename(made.path, path);
  const { untilBegun, untilLanded } = conflictBy(join(system.folder, `${project}-begun`));
  await system.import(
    planOf(project, [
      {
        id: 1,
        epic: 1,
        action: `${untilBegun}; echo one > a.txt; cd libs/lib; echo moved > lib.txt; git commit -qam moved`,
      },
      {
        id: 2,
        epic: 2,
        action: `${untilLanded}; echo two > a.txt`,
      },
    ]),
    path,
  );
  const input = { project, parallel: true, maxAttempts: 1 } as const;
  const ended = await system.run({ ...input, onConflict: 'fail' });
  expect(ended.outcome).toBe('SessionIncomplete');
  const moved = await git(path, 'rev-parse', 'main:libs/lib');
  expect(await git(path, 'status', '--porcelain')).toBe('M libs/lib');
  const [note] = ended.result!.notes;
  expect(note).toMatch(/^main has moved submodules of your checkout: git -C /);
  await execute('bash', ['-ec', note!.slice(note!.indexOf('git -C'))]);
  expect(await git(path, 'status', '--porcelain')).toBe('');
  expect(await git(join(path, 'libs/lib'), 'rev-parse', 'HEAD')).toBe(moved);
  const { path: worktree } = await worktreeOf(project, 2);
  expect(await git(worktree, 'status', '--porcelain')).toBe('UU a.txt\nM  libs/lib');
  await execute(
    'bash',
    ['-c', 'echo both > a.txt; git -C libs/lib checkout -q @{1}; git add --all; git commit -q --no-edit'],
    {
      cwd: worktree,
      env: { ...process.env, ...PERSON },
    },
  );
  const held = await system.run(input);
  const { status, reason } = held.result!.epics.find(({ epic }) => epic === 2)!;
  expect(status).toBe('blocked');
  expect(reason).toContain('takes back the submodule libs/lib, which others moved: cd ');
  expect(await git(path, 'rev-parse', 'main:libs/lib')).toBe(moved);
  const command = reason!.slice(reason!.indexOf('cd '));
  await execute('bash', ['-ec', command], { env: { ...process.env, ...PERSON } });
  expect((await system.run(input)).outcome).toBe('complete');
  expect(await git(path, 'rev-parse', 'main:libs/lib')).toBe(moved);
  expect(await git(path, 'show', 'main:a.txt')).toBe('both');
}, 120_000);

const PERSON = {
  GIT_AUTHOR_NAME: 'A User',
  GIT_AUTHOR_EMAIL: 'user@example.com',
  GIT_COMMITTER_NAME: 'A User',
  GIT_COMMITTER_EMAIL: 'user@example.com',
};
