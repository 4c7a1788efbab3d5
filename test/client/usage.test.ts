import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { cli, endpointsOf } from './captured-cli';
import { commandTree } from './command-tree';

describe('bad usage is one line, exit code 2, and starts nothing', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-cli-'));
    const plan =
      'project: p\nepics:\n  - name: E\n    tasks:\n      - description: a\n        depends_on: [2]\n';
    await writeFile(path.join(folder, 'broken.yaml'), plan);
    await writeFile(path.join(folder, 'fine.yaml'), 'project: p\nepics: []\n');
    const repository = path.join(folder, 'br\noken');
    await promisify(execFile)('git', ['init', '--quiet', repository]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['', 'yokeflow needs a command: demo, plan'],
    ['frobnicate', "unknown command 'frobnicate' (see --help)"],
    ['frobnicate --help', "unknown command 'frobnicate' (see --help)"],
    ['plan frobnicate -h', "unknown command 'frobnicate' (see --help)"],
    ['help frobnicate', "unknown command 'frobnicate' (see --help)"],
    ['help plan frobnicate', "unknown command 'frobnicate' (see --help)"],
    [
      'plan',
      'plan needs a command: import, generate, validate, preview, export, show, batches, graph (see --help)',
    ],
    ['plan preview fine.yaml --project p', 'give a plan file or --project'],
    ['completion csh', 'the shell must be one of bash, zsh, fish, got "csh"'],
    ['plan preview nope.yaml', 'nope.yaml: there is no such file: give the path of a plan file'],
    [
      'plan preview fine.yaml --max-concurrency 11',
      '--max-concurrency must be a whole number from 1 to 10, got "11"',
    ],
    ['plan generate SPEC.md --repo .', 'no API key for plan generate: set ANTHROPIC_API_KEY=sk-ant-...'],
    [
      'plan generate SPEC.md --repo . --model auto',
      '--model must be haiku, sonnet, opus or a full model id, got "auto"',
    ],
    ['run --frobnicate', "unknown option '--frobnicate' (see --help)"],
    ['run --max-concurrency many', '--max-concurrency must be a whole number from 1 to 10, got "many"'],
    ['run --max-concurrency 11', '--max-concurrency must be a whole number from 1 to 10, got 11'],
    ['run --max-concurrency 1.5', '--max-concurrency must be a whole number from 1 to 10, got 1.5'],
    ['run --merge-strategy rebase', '--merge-strategy must be one of regular, squash, got "rebase"'],
    ['run --pull-requests', '--parallel must be on for pull requests, so that each epic has a branch'],
    ['run --scheduling soon', '--scheduling must be one of dependencies, batches, got "soon"'],
    ['run --agent me', '--agent must be one of claude, claude-code, codex, command, script, got "me"'],
    ['run --budget much', '--budget must be an amount in USD, such as 5 or 0.25, got "much"'],
    ['run --task-budget 0', '--task-budget must be an amount in USD, such as 5 or 0.25, got 0'],
    ['run --task-budget x', '--task-budget must be an amount in USD, such as 5 or 0.25, got "x"'],
    ['budget', "missing required argument 'usd' (see --help)"],
    ['budget 0', 'the budget must be an amount in USD above 0, such as 5 or 0.25, got "0"'],
    ['budget 5$', 'the budget must be an amount in USD above 0, such as 5 or 0.25, got "5$"'],
    ['budget 5 --task x', '--task must be a number such as 7, got "x"'],
    ['budget 5 --task 1 --per-task', '--task and --per-task exclude each other: give one of them'],
    ['cancel seven', 'task must be a number such as 7, got "seven"'],
    [`retry 7 --model ${'x'.repeat(101)}`, '--model must be a model name or alias such as opus, got "xxx'],
    ['costs --session x', '--session must be a whole number from 1, got "x"'],
    ['retry 7 --model a\u00a0b', '--model must be a model name or alias such as opus, got "a'],
    ['run --model a\u00a0b', '--model must be a model name or alias such as opus, got "a'],
    ['transcript seven', 'task must be a number such as 7, got "seven"'],
    ['show seven', 'task must be a number such as 7, got "seven"'],
    ['transcript 1 --attempt 0', '--attempt must be a whole number from 1, got "0"'],
    ['run --task-timeout long', '--task-timeout must be a number of minutes, got "long"'],
    ['run --on-conflict cry', '--on-conflict must be one of agent, wait, fail, got "cry"'],
    ['run --on-failure cry', '--on-failure must be one of continue, wait, got "cry"'],
    ['run --epics 1,b', '--epics must be numbers separated by commas, such as 1,2, got "1,b"'],
    ['run --epics 2,1,2', '--epics names 2 twice: once is enough'],
    ['run --project a/b', '--project must be 1 to 63 letters'],
    ['events --after x', '--after must be a whole number from 0, got "x"'],
    ['plan graph --format svg', '--format must be one of ascii, mermaid, json, got "svg"'],
    ['plan graph --format mermaid --json', '--json is short for --format json: give one of the two'],
    ['plan graph --epic x', '--epic must be a whole number from 1, got "x"'],
    ['plan import nope.yaml --repo .', 'nope.yaml: there is no such file: give the path of a plan file'],
    ['plan validate /dev/zero', '/dev/zero: is longer than 64 MB: give the path of a plan file'],
    ['plan import . --repo .', '.: is a folder: give the path of a plan file'],
    [
      'plan import broken.yaml --repo .',
      'broken.yaml:6: epics[0].tasks[0].depends_on: task 1 depends on task 2',
    ],
    ['plan import fine.yaml --repo nope', '/nope does not exist: give the path of a git repository'],
    [
      'plan import fine.yaml --repo br\noken',
      'oken" has a line break in its path: move it to a folder without',
    ],
    ['plan import fine.yaml --repo .', 'is not a git repository: run git init'],
    ['retry seven', 'task must be a number such as 7, got "seven"'],
    ['skip T0', 'task must be a number such as 7, got "T0"'],
    ['merge x', 'epic must be a number such as 7, got "x"'],
    ['merge', "missing required argument 'epic' (see --help)"],
    ['worktrees clean x', 'epic must be a number such as 7, got "x"'],
    ['task add --epic 1 --description a\nb --action a', '--description must be one line: give the rest as'],
    ['task add --epic 1 --description d --action a --agent me', '--agent must be one of claude'],
    ['task add --epic 1 --description d --action a --depends-on x', '--depends-on must be numbers'],
    ['task add --epic 1 --description d --action a --dependency-type x', '--dependency-type must be one of'],
    [
      'task add --epic 1 --description d --action a --dependency-type soft',
      '--dependency-type says how it depends on others: give these by --depends-on',
    ],
    ['task add --epic 1 --description d --action a --depends-on 1,T1', '--depends-on names 1 twice: once is'],
    [
      'task add --epic 1 --description d --action a --model a\u00a0b',
      '--model must be a model name or alias',
    ],
    [
      'task add --epic 1 --description d --action a --priority 3000000000',
      '--priority must be a whole number from -2147483647 to 2147483647, got "3000000000"',
    ],
  ])('%s', async (line, message) => {
    const { code, stdout, stderr, servicesAsked } = await cli(
      line.split(' ').filter(Boolean),
      undefined,
      folder,
    );
    expect({ code, stdout, servicesAsked }).toEqual({ code: 2, stdout: '', servicesAsked: 0 });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('\n');
  });
});

describe('help', () => {
  /** Every command, and every group of them, such as `plan` and `plan import`. */
  const commandsOf = (command: Command, path: string[] = []): string[] =>
    command.commands.flatMap((each) => {
      const here = [...path, each.name()];
      return [here.join(' '), ...commandsOf(each, here)];
    });
  const program = commandTree();

  it('of the program, which loads no command, says of each what the command says, and sends for the right one', async () => {
    const { stdout } = await cli(['--help']);
    expect(stdout).toBe((await cli(['help'])).stdout);
    expect(stdout).toBe(program.helpInformation().trimEnd() + '\n\nExample:\n  yokeflow demo');
    for (const command of program.commands)
      expect((await cli(['help', command.name()])).stdout).toContain(command.description().slice(0, 40));
  });

  it.each(commandsOf(program))('of %s goes to stdout, with an example', async (command) => {
    const { code, stdout, stderr } = await cli([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Example:\n  yokeflow ${command}`);
    expect((await cli(['help', ...command.split(' ')])).stdout).toBe(stdout);
  });
});

it('an unexpected error is one line that says how to see more', async () => {
  const { code, stderr } = await cli(['status']);
  expect(code).toBe(1);
  expect(stderr).toBe('yokeflow: no services in this test (set YOKEFLOW_DEBUG=1 for the stack)');
});

it('a PostgreSQL that does not answer is one line that names it, without its password', async () => {
  const { code, stderr } = await cli(['status'], endpointsOf('postgres://u:hunter2@127.0.0.1:1/db'));
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^yokeflow: PostgreSQL cannot be used at u@127\.0\.0\.1:1\/db .*: yokeflow up starts the embedded one; start one of your own yourself, or correct DATABASE_URL$/,
  );
  expect(stderr).not.toContain('hunter2');
});

it('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(path.join(__dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  expect(await cli(['--version'])).toEqual({ code: 0, stdout: version, stderr: '', servicesAsked: 0 });
});

it('works in a folder that is gone, such as a worktree that has landed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-cli-'));
  const plan = path.join(folder, 'plan.yaml');
  const task = '      - { description: a, agent: script, action: "true" }\n';
  await writeFile(plan, `project: p\nepics:\n  - name: E\n    tasks:\n${task}`);
  const main = path.join(__dirname, '../../dist/client/main.js');
  const script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
  const words = ['-c', script, path.join(folder, 'gone'), process.execPath, main, 'plan', 'validate', plan];
  const { stdout } = await promisify(execFile)('sh', words);
  expect(stdout).toContain('is a valid plan of p: 1 task in 1 epic');
  await rm(folder, { recursive: true });
});
