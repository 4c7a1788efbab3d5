import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diskCheck, runChecks } from '../../services/doctor';
import { ensureServices } from '../../services/ensure';
import { homePaths } from '../../services/home';
import { identify } from '../../processes/identity';
import { agentKeysOf } from '../../services/supervision/fingerprint';
import { cli } from '../client/captured-cli';
import { git, newRepository, removeTemporaryFolders } from '../support/git-repository';
import { testTemporal } from '../support/services';
import { type TestHome, testHome } from '../support/home';
import { testPort } from '../support/ports';

let at: TestHome;
beforeEach(async () => {
  at = await testHome();
});
afterEach(() => at.remove());

async function found(env: NodeJS.ProcessEnv) {
  const checks = await runChecks(env);
  return Object.fromEntries(checks.map(({ name, ...check }) => [name, check]));
}

test('a disk on which nothing can be written on is a failure', () => {
  const statusWith = (free: number) => diskCheck(free, '/home/x').status;
  expect([0, 49, 50, 1023, 1024].map(statusWith)).toEqual(['fail', 'fail', 'warn', 'warn', 'ok']);
});

test.each([
  ['below a file', 'file/home', 'a file is in its place'],
  ['on a disk that is away', 'link', 'a link leads nowhere'],
])('a home %s is a failure, and starts nothing', async (_, home, why) => {
  await writeFile(path.join(at.home, 'file'), '');
  await symlink('/nowhere/yokeflow', path.join(at.home, 'link'));
  const YOKEFLOW_HOME = path.join(at.home, home);
  const problem = `Nothing can be written in ${YOKEFLOW_HOME} (${why})`;
  expect(await found({ ...at.env, YOKEFLOW_HOME })).toMatchObject({
    disk: {
      status: 'fail',
      detail: expect.stringContaining(problem),
      remedy: expect.stringContaining('YOKEFLOW_HOME'),
    },
  });
  await expect(ensureServices({ env: { ...at.env, YOKEFLOW_HOME } })).rejects.toThrow(problem);
});

test('what agents and landing need of this machine, each with what to do', async () => {
  const bare = { ...at.env, ANTHROPIC_API_KEY: undefined };
  expect(await found({ ...bare, PATH: `${at.home}:${process.env.PATH}` })).toMatchObject({
    'git features': { status: 'ok' },
    ANTHROPIC_API_KEY: { status: 'warn', remedy: expect.stringContaining('export ANTHROPIC_API_KEY=') },
    notifications: { status: 'ok', detail: expect.stringContaining('set YOKEFLOW_NOTIFY_COMMAND') },
    sandbox: { status: 'ok', detail: expect.stringContaining('set YOKEFLOW_SANDBOX') },
  });
  const wrong = await found({ ...bare, ANTHROPIC_API_KEY: 'sk-ant-1\n', PATH: at.home });
  expect(wrong).toMatchObject({
    ANTHROPIC_API_KEY: { status: 'fail', detail: 'holds blanks or line ends' },
    Codex: {
      status: 'warn',
      detail: 'no command "codex"',
      remedy: expect.stringContaining('npm install -g'),
    },
  });
  expect(JSON.stringify(wrong)).not.toContain('sk-ant-1');
});

test('a sandbox is tried out: one that starts nothing is a failure', async () => {
  const file = path.join(at.home, 'sandbox');
  const withSandbox = async (text: string) => {
    await writeFile(file, text, { mode: 0o755 });
    return (await found({ ...at.env, YOKEFLOW_SANDBOX: file })).sandbox;
  };
  expect(await withSandbox('#!/bin/sh\nexec "$@"\n')).toEqual({ status: 'ok', detail: file });
  expect(await withSandbox('#!/bin/sh\necho "not allowed" >&2; exit 1\n')).toEqual({
    status: 'fail',
    detail: `${file} starts nothing: not allowed`,
    remedy: `try: YOKEFLOW_WORKTREE=/tmp ${file} true`,
  });
});

test('gh, which only pull requests need, and whether it is logged in', async () => {
  const file = path.join(at.home, 'gh');
  const withGh = async (loggedIn: boolean) => {
    const answer = `case "$1" in auth) exit ${loggedIn ? 0 : 1};; *) echo 'gh version 2.40.0';; esac`;
    await writeFile(file, `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
    return (await found({ ...at.env, PATH: `${at.home}:${process.env.PATH}` })).gh;
  };
  expect((await found({ ...at.env, PATH: '/nonexistent' })).gh).toEqual({
    status: 'warn',
    detail: 'not found',
    remedy: 'only for pull requests: install it from https://cli.github.com',
  });
  expect(await withGh(false)).toMatchObject({
    status: 'warn',
    remedy: 'only for pull requests: gh auth login',
  });
  expect(await withGh(true)).toEqual({ status: 'ok', detail: 'gh version 2.40.0, logged in' });
});

/** A home whose services.json says that a worker runs, which was started with these variables. */
async function workerStartedWith(variables: NodeJS.ProcessEnv): Promise<void> {
  const { pid } = spawn('sleep', ['60'], { stdio: 'ignore' });
  const supervisor = await identify(pid!);
  const state = { supervisor, phase: 'ready', worker: true, agentKeys: agentKeysOf(variables) };
  await writeFile(homePaths(at.home).state, JSON.stringify(state));
}

test('notifications and the key are those of the worker that runs, whatever the shell has', async () => {
  const bare = { ...at.env, ANTHROPIC_API_KEY: undefined };
  const webhook = { YOKEFLOW_NOTIFY_WEBHOOK: 'https://example.com/a' };
  expect((await found({ ...bare, ...webhook })).notifications).toMatchObject({
    status: 'ok',
    detail: expect.stringMatching(/^by webhook, as this shell has it for a worker that it starts/),
  });
  await workerStartedWith({ YOKEFLOW_NOTIFY_COMMAND: 'mail', ANTHROPIC_API_KEY: 'sk-ant-1' });
  const kept = { status: 'ok', detail: 'by command, as the worker that runs has it' };
  expect(await found(bare)).toMatchObject({
    notifications: kept,
    ANTHROPIC_API_KEY: { status: 'ok', detail: 'the worker that runs has it; it is not set in this shell' },
  });
  expect((await found({ ...bare, YOKEFLOW_NOTIFY_COMMAND: 'mail' })).notifications).toEqual(kept);
  expect((await found({ ...bare, ...webhook })).notifications).toEqual({
    status: 'warn',
    detail: 'by command, as the worker that runs has it; this shell has other ones',
    remedy: 'to give it those of this shell: `yokeflow up`',
  });
});

test('--json: a status of three values, and whether it is good enough as a boolean', async () => {
  const { stdout, code } = await cli(['doctor', '--json'], undefined, '/', {
    ...at.env,
    ANTHROPIC_API_KEY: ' x',
  });
  const checks = JSON.parse(stdout) as { name: string; status: string; ok: unknown }[];
  const shown = Object.fromEntries(checks.map(({ name, status, ok }) => [name, [status, ok]]));
  expect(shown).toMatchObject({
    ...{ git: ['ok', true], PostgreSQL: ['warn', true], ANTHROPIC_API_KEY: ['fail', false] },
  });
  expect(code).toBe(1);
});

test('git that does not start for a mistake in its configuration is not git that is missing', async () => {
  const broken = path.join(at.home, 'gitconfig');
  await writeFile(broken, '[broken\n');
  expect(await found({ ...at.env, GIT_CONFIG_GLOBAL: broken })).toMatchObject({
    git: { status: 'fail', detail: `fatal: bad config line 1 in file ${broken}` },
    'git features': { status: 'fail', detail: expect.stringContaining('bad config line 1') },
  });
});

test('hooks that a person has for all repositories do not run in the one where git is tried', async () => {
  const hooks = path.join(at.home, 'hooks');
  await mkdir(hooks);
  await writeFile(path.join(hooks, 'reference-transaction'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const settings = path.join(at.home, 'gitconfig-hooks');
  await writeFile(settings, `[core]\n\thooksPath = ${hooks}\n`);
  expect(await found({ ...at.env, GIT_CONFIG_GLOBAL: settings })).toMatchObject({
    'git features': { status: 'ok' },
  });
});

test('a repository that the shell names to git, as in a hook, is not the one where git is tried', async () => {
  const { gitDir, path: checkout } = await newRepository();
  const GIT_INDEX_FILE = path.join(gitDir, 'index');
  const refs = () => git(checkout, 'for-each-ref', '--format=%(refname) %(objectname)');
  const before = await refs();
  const env = { ...at.env, GIT_DIR: gitDir, GIT_WORK_TREE: checkout, GIT_INDEX_FILE };
  expect(await found(env)).toMatchObject({ 'git features': { status: 'ok' } });
  expect(await refs()).toBe(before);
  await removeTemporaryFolders();
});

test('nothing runs: each embedded service by itself, with what starts it', async () => {
  const ports = [at.env.YOKEFLOW_POSTGRES_PORT, at.env.YOKEFLOW_TEMPORAL_PORT, at.env.YOKEFLOW_UI_PORT];
  const notRunning = { status: 'warn', detail: 'embedded, not running', remedy: 'run `yokeflow up`' };
  expect(await found(at.env)).toMatchObject({
    PostgreSQL: notRunning,
    Temporal: notRunning,
    ports: { status: 'ok', detail: `${ports.join(', ')} free` },
  });
});

test('a Temporal of the user’s own, and the embedded PostgreSQL: both are asked, its port is ours', async () => {
  const { address } = testTemporal();
  const env = { ...at.env, TEMPORAL_ADDRESS: address };
  await ensureServices({ env, worker: false });
  const checks = await found(env);
  expect(checks).toMatchObject({
    PostgreSQL: {
      status: 'ok',
      detail: expect.stringMatching(/^embedded, \d+.*schema not made yet, data in \/.*\/postgres$/),
    },
    Temporal: {
      status: 'ok',
      detail: `TEMPORAL_ADDRESS, ${address}, namespace default, search attributes registered`,
    },
    ports: { status: 'ok', detail: `${at.env.YOKEFLOW_POSTGRES_PORT} used by the services that run` },
  });
  expect(checks.settings).toBeUndefined();

  const absent = `127.0.0.1:${await testPort()}`;
  expect(await found({ ...at.env, TEMPORAL_ADDRESS: absent })).toMatchObject({
    PostgreSQL: { status: 'ok', detail: expect.stringMatching(/^embedded, \d+/) },
    Temporal: {
      status: 'fail',
      detail: `TEMPORAL_ADDRESS, ${absent}, namespace default: it does not answer`,
    },
    settings: { status: 'fail', remedy: expect.stringContaining('yokeflow down') },
  });
});

test('a Temporal without the namespace: says how to make one', async () => {
  const { address } = testTemporal();
  const { Temporal } = await found({ ...at.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'absent' });
  expect(Temporal).toMatchObject({
    status: 'fail',
    detail: `TEMPORAL_ADDRESS, ${address}, namespace absent: it has no such namespace`,
    remedy: 'create it with `temporal operator namespace create -n absent`, or correct TEMPORAL_NAMESPACE',
  });
});

test('a PostgreSQL of the user’s own that is not there fails, without its password', async () => {
  const url = `postgres://u:hunter2@127.0.0.1:${await testPort()}/db`;
  const { PostgreSQL } = await found({ ...at.env, DATABASE_URL: url });
  expect(PostgreSQL).toMatchObject({
    status: 'fail',
    remedy: 'start or restart it, or correct or unset DATABASE_URL',
  });
  expect(JSON.stringify(PostgreSQL)).not.toContain('hunter2');
});
