import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ToolResult } from '../../../agents/claude/conversation';
import { bashTool } from '../../../agents/claude/tools/bash-tool';
import { fileTools } from '../../../agents/claude/tools/file-tools';
import { MAX_RESULT, toolResult, type ToolOutput } from '../../../agents/claude/tools/tool';
import { namesGit } from '../../../agents/claude/tools/worktree-path';
import { titleOf } from '../../support/skipped';

let outside: string;
let worktree: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'yokeflow-tools-'));
  worktree = join(outside, 'worktree');
  await mkdir(worktree);
  await writeFile(join(worktree, '.git'), 'gitdir: /repository/.git/worktrees/w\n');
  await writeFile(join(outside, 'secret'), 'outside');
});
afterEach(() => rm(outside, { recursive: true, force: true }));

async function use(name: string, input: unknown): Promise<ToolOutput> {
  const tool = fileTools(worktree).find(({ definition }) => definition.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(input, signal);
}

/** The same path for each tool that takes one. */
const everyTool = (path: string) => [
  use('read', { file_path: path }),
  use('write', { file_path: path, content: 'planted' }),
  use('edit', { file_path: path, old_string: 'o', new_string: 'planted' }),
  use('grep', { pattern: 'o', path }),
];

test.each([
  '/etc/passwd',
  '../secret',
  'src/../../secret',
  'to-etc/passwd',
  'to-secret',
  'dangling',
  '.git',
  './.git',
  '.GIT',
  'src/.git/hooks/pre-commit',
  'sub/../.git',
  'to-git',
  '.gi\u200ct',
  'GIT~1',
  '.git. .',
  'pipe',
  'a\0b',
])('%j is refused by every file tool', async (path) => {
  await symlink('/etc', join(worktree, 'to-etc'));
  await symlink(join(outside, 'secret'), join(worktree, 'to-secret'));
  await symlink(join(outside, 'new'), join(worktree, 'dangling'));
  await symlink('.git', join(worktree, 'to-git'));
  execFileSync('mkfifo', [join(worktree, 'pipe')]);
  const git = await readFile(join(worktree, '.git'), 'utf8');
  for (const { text, isError } of await Promise.all(everyTool(path))) {
    expect(isError).toBe(true);
    expect(text).not.toContain('root:');
  }
  expect(await readFile(join(worktree, '.git'), 'utf8')).toBe(git);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('outside');
  await expect(stat(join(outside, 'new'))).rejects.toThrow('ENOENT');
});

test.each(['.github', '.gitignore', 'git', 'x.git', 'digit~1', '.gitmodules'])(
  '%s is no part of git',
  (name) => {
    expect(namesGit(name)).toBe(false);
  },
);

test('a hard link, by which packages are installed, is read, and what is written leaves its other name alone', async () => {
  await link(join(outside, 'secret'), join(worktree, 'a.d.ts'));
  expect(await use('read', { file_path: 'a.d.ts' })).toEqual({ isError: false, text: 'outside' });
  const edit = { file_path: 'a.d.ts', old_string: 'out', new_string: 'in' };
  expect(await use('edit', edit)).toMatchObject({ isError: false });
  expect(await readFile(join(worktree, 'a.d.ts'), 'utf8')).toBe('inside');
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('outside');
});

test('new files and folders have the usual mode, others keep theirs', async () => {
  await writeFile(join(worktree, 'run.sh'), 'echo 1', { mode: 0o755 });
  await use('write', { file_path: 'new/deep/file.ts', content: 'x' });
  await use('write', { file_path: 'run.sh', content: 'echo 2' });
  await use('edit', { file_path: 'run.sh', old_string: '2', new_string: '3' });
  const mode = async (path: string) => (await stat(join(worktree, path))).mode & 0o777;
  expect(await mode('new/deep/file.ts')).toBe(0o644);
  expect(await mode('new/deep')).toBe(0o777 & ~process.umask());
  expect(await mode('run.sh')).toBe(0o755);
  expect(await readFile(join(worktree, 'run.sh'), 'utf8')).toBe('echo 3');
});

test('an edit of what is not UTF-8 is refused, and leaves it alone', async () => {
  const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  await writeFile(join(worktree, 'latin.txt'), latin);
  const edit = await use('edit', { file_path: 'latin.txt', old_string: 'caf', new_string: 'th' });
  expect(edit).toEqual({
    isError: true,
    text: 'latin.txt is not UTF-8 text, which an edit would damage; change it with bash',
  });
  expect(await readFile(join(worktree, 'latin.txt'))).toEqual(latin);
});

test.each([
  ['write', { file_path: 'a.txt', text: 'all of it' }, 'content'],
  ['write', { file_path: 'a.txt', content: null }, 'content'],
  ['edit', { file_path: 'a.txt', old_string: 'kept' }, 'new_string'],
  ['edit', { file_path: 'a.txt', new_string: 'x', replace_all: true }, 'old_string'],
])('%s %j is told what is missing, and leaves the file alone', async (name, input, missing) => {
  await writeFile(join(worktree, 'a.txt'), 'kept\n');
  expect(await use(name, input)).toEqual({ isError: true, text: `${name}: "${missing}" is missing` });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('kept\n');
});

test('a file may become empty, and so may a part of it', async () => {
  await writeFile(join(worktree, 'a.txt'), 'one two');
  expect(await use('edit', { file_path: 'a.txt', old_string: ' two', new_string: '' })).toMatchObject({
    isError: false,
  });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('one');
  expect(await use('write', { file_path: 'a.txt', content: '' })).toMatchObject({ isError: false });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('');
});

test.each([
  ['LF from the model', 'b\nc', 'B\nC\nD'],
  ['CRLF from the model', 'b\r\nc', 'B\r\nC\r\nD'],
])('an edit keeps the line endings of a CRLF file: %s', async (_, before, after) => {
  await writeFile(join(worktree, 'a.txt'), 'a\r\nb\r\nc\r\n');
  const edit = { file_path: 'a.txt', old_string: before, new_string: after };
  expect(await use('edit', edit)).toMatchObject({ isError: false });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('a\r\nB\r\nC\r\nD\r\n');
});

test('a file with both line endings is edited as it is', async () => {
  await writeFile(join(worktree, 'a.txt'), 'a\r\nb\nc\n');
  expect(await use('edit', { file_path: 'a.txt', old_string: 'b\nc', new_string: 'B\nC' })).toMatchObject({
    isError: false,
  });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('a\r\nB\nC\n');
});

test('a string that is there twice is not edited, unless all are to be', async () => {
  await writeFile(join(worktree, 'a.txt'), 'x x');
  const edit = { file_path: 'a.txt', old_string: 'x', new_string: 'y' };
  expect(await use('edit', edit)).toMatchObject({ isError: true, text: expect.stringContaining('2 times') });
  expect(await use('edit', { ...edit, replace_all: true })).toMatchObject({ isError: false });
  expect(await readFile(join(worktree, 'a.txt'), 'utf8')).toBe('y y');
});

test.each([
  ['of an image', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
  ['in UTF-16', Buffer.from('text', 'utf16le')],
])('%s nothing is read that nobody could read', async (_, bytes) => {
  await writeFile(join(worktree, 'odd'), bytes);
  expect(await use('read', { file_path: 'odd', view_range: [1, 2] })).toEqual({
    isError: true,
    text: 'odd is not text; look at it with bash (file, xxd, iconv)',
  });
});

test('an empty file is read, and one that is no UTF-8', async () => {
  await writeFile(join(worktree, 'empty'), '');
  await writeFile(join(worktree, 'latin.txt'), Buffer.from('caf\xe9', 'latin1'));
  expect(await use('read', { file_path: 'empty' })).toEqual({ isError: false, text: '' });
  expect(await use('read', { file_path: 'latin.txt' })).toEqual({ isError: false, text: 'caf\ufffd' });
});

test('grep finds what is in the worktree, by its path there, and not what git keeps', async () => {
  await mkdir(join(worktree, 'src'));
  await writeFile(join(worktree, 'src', 'a.ts'), 'gitdir is a word\n');
  const found = await use('grep', { pattern: 'gitdir' });
  expect({ ...found, text: found.text.trim() }).toEqual({
    isError: false,
    text: 'src/a.ts:1:gitdir is a word',
  });
});

test.each([
  ['with ripgrep, if it is here', process.env.PATH!],
  ['without ripgrep', '/nonexistent'],
])('grep searches hidden files, and an ignored one by its name: %s', async (_, path) => {
  await mkdir(join(worktree, '.github'));
  await mkdir(join(worktree, 'dist'));
  await writeFile(join(worktree, '.gitignore'), 'dist/\n*.log\n');
  await writeFile(join(worktree, '.github', 'ci.yml'), 'run: deploy\n');
  for (const name of ['dist/a.js', 'b.log']) await writeFile(join(worktree, name), 'deploy\n');
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    const lines = async (input: object) => (await use('grep', input)).text.trim().split('\n');
    expect(await lines({ pattern: 'dep.oy' })).toContain('.github/ci.yml:1:run: deploy');
    expect(await lines({ pattern: 'dep.oy', path: 'dist' })).toEqual(['dist/a.js:1:deploy']);
    expect(await lines({ pattern: 'dep.oy', path: 'b.log' })).toEqual(['b.log:1:deploy']);
    expect(await lines({ pattern: 'nowhere' })).toEqual(['no matches']);
    expect(await use('grep', { pattern: 'a(' })).toMatchObject({ isError: true });
    await writeFile(join(worktree, 'many.txt'), 'deploy again\n'.repeat(20_000));
    const many = await use('grep', { pattern: 'again' });
    expect(many).toEqual({
      isError: false,
      text: expect.stringMatching(/\[(There is more|output truncated).*\]$/),
    });
  } finally {
    process.env.PATH = before;
  }
});

test('glob is there where Node has what it needs', async () => {
  const names = fileTools(worktree).map(({ definition }) => definition.name);
  const hasGlob = Number(process.versions.node.split('.')[0]) >= 22;
  expect(names).toEqual(['read', 'write', 'edit', 'grep', ...(hasGlob ? ['glob'] : [])]);
});

test('without ripgrep nothing is searched that could hold a line longer than a string can be', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  try {
    await mkdir(join(worktree, 'dump'));
    await writeFile(join(worktree, 'dump', 'all.json'), '');
    await truncate(join(worktree, 'dump', 'all.json'), 300 * 1024 * 1024);
    const refused = (name: string) => ({
      isError: true,
      text: `${name} is too large for this search; use grep in bash`,
    });
    expect(await use('grep', { pattern: 'x' })).toEqual(refused('dump/all.json'));
    expect(await use('grep', { pattern: 'x', path: 'dump/all.json' })).toEqual(refused('all.json'));
    await truncate(join(worktree, 'dump', 'all.json'), 1_000);
    expect(await use('grep', { pattern: 'x' })).toEqual({ isError: false, text: 'no matches' });
  } finally {
    process.env.PATH = path;
  }
});

const hasGlob = 'glob' in fs;
(hasGlob ? describe : describe.skip)(titleOf('glob', hasGlob ? null : 'Node is older than 22'), () => {
  test('a list that is not whole says so', async () => {
    const names = Array.from({ length: 201 }, (_, at) => `${at}.txt`);
    await Promise.all(names.map((name) => writeFile(join(worktree, name), '')));
    const some = await use('glob', { pattern: '1*.txt' });
    expect(some.text.split('\n')).toHaveLength(111);
    const { text } = await use('glob', { pattern: '*.txt' });
    const lines = text.split('\n');
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)).toContain('narrow the pattern');
  });
});

test('odd input is an error that names no path of the machine', async () => {
  const outputs = [
    await use('read', null),
    await use('read', { file_path: 7 }),
    await use('write', { file_path: 'a', content: 7 }),
    await use('read', { file_path: 'missing' }),
    await use('read', { file_path: '.' }),
  ];
  for (const { text, isError } of outputs) {
    expect(isError).toBe(true);
    expect(text).not.toContain(worktree);
  }
});

test('what the model gets to see of a long or an empty result', () => {
  const contentOf = (text: string) =>
    (toolResult('id', { text, isError: false }) as ToolResult & { content: string }).content;
  expect(contentOf(' \n')).toBe('(no output)');
  expect(contentOf('x'.repeat(MAX_RESULT))).toHaveLength(MAX_RESULT);
  const long = contentOf(`first ${'x'.repeat(1_000_000)} last`);
  expect(long.length).toBeLessThan(MAX_RESULT + 300);
  expect(long).toMatch(/^first x+\n\[\.\.\. \d+ characters left out \.\.\.\]\nx+ last\n\[Long output/);
});

describe('bash', () => {
  const groups: string[] = [];
  const kept: string[] = [];
  const bash = (input: unknown, abort = signal) =>
    bashTool({
      directory: worktree,
      environment: { PATH: process.env.PATH!, GREETING: 'hi' },
      onProcess: async ({ pid }) => void groups.push(`begin ${pid}`),
      afterProcess: async ({ pid }) => void groups.push(`end ${pid}`),
      keepOutput: async (text) => {
        kept.push(text);
        return '/outputs/1.txt';
      },
    }).run(input, abort);

  test.each([
    ['echo $GREETING; pwd | sed "s|.*/||"', { text: 'hi\nworktree', isError: false }],
    ['echo out; echo err >&2; exit 3', { text: 'out\nerr\n[exit code 3]', isError: true }],
    ['false | true; cat; echo "still here"', { text: 'still here', isError: false }],
    ['echo "unclosed', { text: expect.stringContaining('unexpected EOF'), isError: true }],
    [
      'kill -9 $$',
      { text: '[The command was ended by SIGKILL; this is what it printed until then.]', isError: true },
    ],
  ])('%s', async (command, output) => {
    expect(await bash({ command })).toEqual(output);
  });

  test('of a long output the middle is left out, and a file has all of it', async () => {
    const { text } = await bash({ command: 'echo first; seq 100000; echo last' });
    expect(text.length).toBeLessThan(17_000);
    expect(text).toMatch(/^first\n1\n/);
    expect(text).toMatch(/\nlast\n\[All of it \(588,906 characters\): \/outputs\/1\.txt\. Look at parts/);
    expect(kept.map((all) => all.split('\n').length)).toEqual([100_003]);
  });

  test('nothing of the worker is in its environment', async () => {
    process.env.PLANTED_KEY = 'sk-planted';
    const { text } = await bash({ command: 'env' });
    delete process.env.PLANTED_KEY;
    expect(text).not.toContain('sk-planted');
  });

  test('out of time: partial output, and the time is clamped', async () => {
    const { text, isError } = await bash({ command: 'echo begun; sleep 60', timeout_seconds: 3 });
    expect(text).toBe('begun\n[The command ran out of time after 3 s; this is what it printed until then.]');
    expect(isError).toBe(true);
    const least = await bash({ command: 'sleep 60', timeout_seconds: -5 });
    expect(least.text).toContain('ran out of time after 1 s');
    expect(await bash({ command: 'echo quick', timeout_seconds: 1e9 })).toMatchObject({ text: 'quick' });
    expect(await bash({ command: 'echo odd', timeout_seconds: 'soon' })).toMatchObject({ text: 'odd' });
  });

  test.each([
    [{}, '"command" is missing'],
    [null, '"command" is missing'],
    [{ command: 'a\0b' }, 'NUL'],
    [{ command: `: ${'x'.repeat(200_000)}` }, 'write it to a file first'],
  ])('%# is not run', async (input, reason) => {
    groups.length = 0;
    expect(await bash(input)).toMatchObject({ isError: true, text: expect.stringContaining(reason) });
    expect(groups).toEqual([]);
  });

  test('each command has a group of its own, on record from before it began until it ended', async () => {
    groups.length = 0;
    await bash({ command: 'true' });
    await bash({ command: 'true' });
    const ids = groups.map((line) => line.split(' ')[1]);
    expect(groups.map((line) => line.split(' ')[0])).toEqual(['begin', 'end', 'begin', 'end']);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});
