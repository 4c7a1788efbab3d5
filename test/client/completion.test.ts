import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cli } from './captured-cli';

/** What bash offers after these words, the last of which is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout: script } = await cli(['completion', 'bash']);
  const line = ['yokeflow', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _yokeflow; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', `${script}\n${ask}`], { cwd: __dirname });
  return stdout.split('\n').filter(Boolean);
}

test('bash completes commands, subcommands, options and files', async () => {
  expect(await offered('sched')).toEqual(['schedule']);
  expect(await offered('plan', 'ex')).toEqual(['export']);
  expect(await offered('schedule', '--help', 'create', '--cr')).toEqual(['--cron']);
  expect(await offered('run', '--project', 'plan', '--max-c')).toEqual(['--max-concurrency']);
  expect(await offered('plan', 'validate', 'completion.')).toEqual(['completion.test.ts']);
  expect(await offered('retry', 'completion.')).toEqual([]);
});

test.each(['zsh', 'fish'])('%s: every command and option is in the script', async (shell) => {
  const { code, stdout } = await cli(['completion', shell]);
  expect(code).toBe(0);
  for (const word of ['schedule', 'plan', 'generate', 'cron', 'max-concurrency', 'have Claude write a plan'])
    expect(stdout).toContain(word);
});
