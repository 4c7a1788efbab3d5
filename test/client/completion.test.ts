import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { valuesOfOption } from '../../client/completion/values';
import { titleOf } from '../support/skipped';
import { cli } from './captured-cli';
import { commandTree } from './command-tree';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yokeflow-completion-'));
  await writeFile(path.join(folder, 'my plan.yaml'), '');
});
afterAll(() => rm(folder, { recursive: true }));

/** What each shell is told to say what it offers after these words, the last of which is being typed. */
const ASK: Record<Shell, (words: string[]) => string> = {
  bash(words) {
    // As bash itself divides them.
    const divided = words.flatMap((word) => word.split(/(=)/)).filter((word, at) => word || at > 0);
    return `COMP_WORDS=(yokeflow ${list(divided)}); COMP_CWORD=${divided.length}
      _yokeflow; printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
  // What its completion system does with the words, and what it knows only inside of its line editor.
  zsh: (words) => `
    compset() { prefix="\${words[CURRENT]%%=*}="; words[CURRENT]="\${words[CURRENT]#*=}"; }
    _describe() { print -rl -- "\${(@)\${(@)\${(P@)2}%%:*}:#}"; }
    _files() { print -rl -- *(N); }
    words=(yokeflow ${list(words)}); CURRENT=${words.length + 1}
    _yokeflow | while read -r line; do [[ "$line" == "\${words[CURRENT]#*=}"* ]] && print -r -- "$line"; done; true`,
  fish: (words) => `complete -C ${list([['yokeflow', ...words].join(' ')])} | string split -f 1 \\t; true`,
};
const list = (words: string[]) => words.map((word) => `'${word}'`).join(' ');

async function offered(shell: Shell, ...words: string[]): Promise<string[]> {
  const { stdout: script } = await cli(['completion', shell]);
  const before = shell === 'zsh' ? 'compdef() { : }\n' : '';
  const flags = { bash: ['--norc', '-c'], zsh: ['-f', '-c'], fish: ['--no-config', '-c'] }[shell];
  const { stdout } = await promisify(execFile)(
    shell,
    [...flags, `${before}${script}\n${ASK[shell](words)}`],
    {
      cwd: folder,
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder },
    },
  );
  return stdout.split('\n').filter(Boolean);
}

const INSTALLED = SHELLS.filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

describe.each(INSTALLED)('%s', (shell) => {
  test('completes commands, subcommands, options and files', async () => {
    const ask = (...words: string[]) => offered(shell, ...words);
    expect(await ask('sched')).toEqual(['schedule']);
    expect(await ask('plan', 'ex')).toEqual(['export']);
    expect(await ask('schedule', '--help', 'create', '--cr')).toEqual(['--cron']);
    expect(await ask('run', '--project', 'plan', '--max-c')).toEqual(['--max-concurrency']);
    expect(await ask('plan', 'validate', 'my')).toEqual(['my plan.yaml']);
    expect(await ask('retry', 'my')).toEqual([]);
  });

  test('completes what an option or an argument can be, and nothing where it can be anything', async () => {
    const ask = async (...words: string[]) => (await offered(shell, ...words)).sort();
    expect(await ask('run', '--merge-strategy', '')).toEqual(['regular', 'squash']);
    expect(await ask('run', '--parallel', '--on-failure', 'w')).toEqual(['wait']);
    expect(await ask('schedule', 'create', '--on-conflict', '')).toEqual(['agent', 'fail', 'wait']);
    expect((await ask('run', '--merge-strategy=sq')).map((word) => word.replace(/.*=/, ''))).toEqual([
      'squash',
    ]);
    expect(await ask('retry', '7', '--model', '')).toEqual(['auto', 'haiku', 'opus', 'sonnet']);
    expect(await ask('plan', 'generate', '--model', '')).toEqual(['haiku', 'opus', 'sonnet']);
    expect(await ask('run', '--verify', '')).toEqual([]);
    expect(await ask('plan', 'export', '--output', 'my')).toEqual(['my plan.yaml']);
    expect(await ask('completion', 'f')).toEqual(['fish']);
    expect(await ask('run', '--merge-strategy', 'squash', '--par')).toEqual(['--parallel']);
  });

  test('is taken without a word', async () => {
    const { stdout: script } = await cli(['completion', shell]);
    const flags = shell === 'fish' ? ['--no-execute'] : ['-n'];
    const file = path.join(folder, `script.${shell}`);
    await writeFile(file, script);
    expect(spawnSync(shell, [...flags, file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

const hasZsh = INSTALLED.includes('zsh');
(hasZsh ? describe : describe.skip)(titleOf('zsh', hasZsh ? null : 'zsh is not installed'), () => {
  test('finds it in its fpath, too, from the first tab on', async () => {
    const { stdout: script } = await cli(['completion', 'zsh']);
    await writeFile(path.join(folder, '_yokeflow'), script);
    const load = `compdef() { : }; fpath=('${folder}' $fpath); autoload -Uz _yokeflow`;
    const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', `${load}\n${ASK.zsh(['sched'])}`]);
    expect(stdout).toBe('schedule\n');
  });
});

test('bash takes a word for a file only where one is asked for', async () => {
  const { stdout } = await cli(['completion', 'bash']);
  expect(stdout).toMatch(/^complete -F _yokeflow yokeflow$/m);
  expect(stdout).toMatch(/if \[ "\$files" = 1 \].*\n.*\n +compopt -o filenames/);
});

test('the words that are offered for an option are those that it takes', async () => {
  const run = commandTree().commands.find((command) => command.name() === 'run')!;
  const fixed = run.options.filter((option) => valuesOfOption(option).choices.length > 0);
  expect(fixed.map(({ long }) => long)).toContain('--merge-strategy');
  for (const option of fixed.filter(({ long }) => long !== '--model')) {
    const { stderr } = await cli(['run', option.long!, 'nonsense']);
    expect(stderr).toContain(`must be one of ${valuesOfOption(option).choices.join(', ')}, got`);
  }
});

/** Options that take a number or a text, which nobody can guess. */
const FREE =
  /^(n|number|numbers|name|usd|minutes|command|task|tasks|text|branch|expression|zone|time|model)$/;

test('of every other option it is known that nobody can guess it', () => {
  const every = (command = commandTree()): typeof command.options =>
    [command.options, ...command.commands.map(every)].flat();
  const valued = every().filter(({ required, optional }) => required || optional);
  for (const option of valued) {
    const { choices, files } = valuesOfOption(option);
    const placeholder = /<(\w+)>/.exec(option.flags)![1]!;
    expect([option.flags, choices.length > 0 || files || FREE.test(placeholder)]).toEqual([
      option.flags,
      true,
    ]);
  }
});
