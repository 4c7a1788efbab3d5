import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { worktreeEnvironment } from '../../domain/worktree-environment';

const place = {
  project: 'demo',
  task: 3,
  epic: 2,
  port: 20010,
  directory: '/work/tree',
  identity: { name: 'A User', email: 'user@example.com' },
};

test('nothing of the worker gets through but where programs are and how text is written', () => {
  const environment = worktreeEnvironment(
    {
      PATH: '/bin',
      LANG: 'C.UTF-8',
      YOKEFLOW_SANDBOX: '/bin/sandbox',
      ANTHROPIC_API_KEY: 'sk',
      DATABASE_URL: 'postgres://x',
      TEMPORAL_API_KEY: 'k',
    },
    place,
  );
  expect(environment).toMatchObject({
    PATH: '/bin',
    LANG: 'C.UTF-8',
    YOKEFLOW_SANDBOX: '/bin/sandbox',
    YOKEFLOW_TASK: '3',
    YOKEFLOW_EPIC: '2',
    YOKEFLOW_PORT: '20010',
    YOKEFLOW_SLUG: 'demo_epic2',
    GIT_CEILING_DIRECTORIES: '/work',
  });
  expect(Object.keys(environment).filter((name) => /KEY|DATABASE|TEMPORAL/.test(name))).toEqual([]);
});

test('the way out of a network gets through, but no login of a proxy', () => {
  const way = { https_proxy: 'http://proxy:3128', NO_PROXY: 'localhost', NODE_EXTRA_CA_CERTS: '/etc/ca.pem' };
  expect(worktreeEnvironment(way, place)).toMatchObject(way);
  expect(worktreeEnvironment({ HTTPS_PROXY: 'http://me:secret@proxy:3128' }, place)).not.toHaveProperty(
    'HTTPS_PROXY',
  );
});

test('commits that an agent makes carry the identity of the repository', () => {
  expect(worktreeEnvironment({}, place)).toMatchObject({
    GIT_AUTHOR_NAME: 'A User',
    GIT_COMMITTER_EMAIL: 'user@example.com',
  });
});

test('an agent can commit where its user signs: nobody is there to type a passphrase', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-signing-'));
  await writeFile(path.join(home, '.gitconfig'), '[commit]\ngpgSign = true\n[gpg]\nprogram = false\n');
  const env = worktreeEnvironment({ PATH: process.env.PATH, HOME: home }, place);
  const git = async (...args: string[]) => promisify(execFile)('git', ['-C', home, ...args], { env });
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message', 'own');
  expect((await git('log', '--format=%s')).stdout).toBe('own\n');
  await rm(home, { recursive: true });
});

test('no commit of an agent has git clean up the whole repository: the try may end, and that with it, at any moment', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-gc-'));
  const env = { ...worktreeEnvironment({ PATH: process.env.PATH, HOME: folder }, place), GIT_TRACE: '1' };
  const git = async (...args: string[]) => promisify(execFile)('git', ['-C', folder, ...args], { env });
  await git('init', '--quiet');
  await git('config', 'gc.auto', '1');
  const { stderr } = await git('commit', '--quiet', '--allow-empty', '--message', 'own');
  expect(stderr).toContain('git commit');
  expect(stderr).not.toMatch(/maintenance|gc --auto/);
  expect((await git('config', 'gc.auto')).stdout).toBe('0\n');
  await rm(folder, { recursive: true });
});
