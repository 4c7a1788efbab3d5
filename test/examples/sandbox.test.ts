import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runScript } from '../../agents/process/shell';
import { commit, git, removeTemporaryFolders, temporaryFolder, write } from '../support/git-repository';
import { titleOf } from '../support/skipped';

const ROOT = resolve(__dirname, '../..');

const works = (() => {
  try {
    const options = ['--ro-bind', '/', '/', '--dev', '/dev', '--unshare-pid', '--proc', '/proc'];
    execFileSync('bwrap', [...options, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const missing = works ? null : 'bubblewrap is not installed, or not allowed to work here';

(works ? describe : describe.skip)(titleOf('examples/sandbox.sh', missing), () => {
  let folder: string;
  let home: string;
  let repository: string;
  let worktree: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    [home, repository] = [join(folder, 'a home'), join(folder, 'repository')];
    worktree = join(repository, '.worktrees', 'an epic');
    await write(home, {
      '.ssh/id': 'a key',
      '.netrc': 'a key',
      '.config/git/credentials': 'a key',
      'elsewhere/id': 'a key',
      '.cache/there': '',
      '.gemini/there': '',
      '.local/share/opencode/there': '',
      '.yokeflow/password': 'a password',
      '.yokeflow/outputs/long': 'a long output',
      '.yokeflow/agents/1-a/said': 'a conversation',
    });
    await symlink('elsewhere', join(home, '.aws'));
    await mkdir(join(folder, 'temporary'));
    await git(folder, 'init', '--quiet', '-b', 'main', repository);
    await commit(repository, 'first', { f: 'main' });
    await git(repository, 'worktree', 'add', '--quiet', '-b', 'epic', worktree);
  });
  afterEach(removeTemporaryFolders);

  const inside = (script: string) =>
    runScript({
      script,
      directory: worktree,
      environment: {
        PATH: process.env.PATH!,
        HOME: home,
        // The only one that is writable: all this may lie in the machine's.
        TMPDIR: join(folder, 'temporary'),
        YOKEFLOW_WORKTREE: worktree,
        YOKEFLOW_SANDBOX: join(ROOT, 'examples', 'sandbox.sh'),
        GIT_AUTHOR_NAME: 'An Agent',
        GIT_AUTHOR_EMAIL: 'agent@example.com',
        GIT_COMMITTER_NAME: 'An Agent',
        GIT_COMMITTER_EMAIL: 'agent@example.com',
        REPOSITORY: repository,
      },
      timeoutMs: 20_000,
      signal: new AbortController().signal,
      onProcess: async () => undefined,
    });

  test('an agent writes and commits in its worktree, and uses caches', async () => {
    const script =
      'echo 1 > g; git add g; git commit -qm one; git stash list; echo 2 > "$HOME/.cache/c"; echo 2 > "$TMPDIR/t"; echo 3 > "$HOME/.yokeflow/agents/1-a/said"';
    expect(await inside(script)).toEqual({ exitCode: 0, endedBy: 'exit', output: '' });
    expect(await git(repository, 'show', 'epic:g')).toBe('1');
    expect(await readFile(join(home, '.cache/c'), 'utf8')).toBe('2\n');
    expect(await readFile(join(home, '.yokeflow/agents/1-a/said'), 'utf8')).toBe('3\n');
  });

  test.each(['.gemini', '.local/share/opencode'])('an agent keeps its conversations in %s', async (place) => {
    expect(await inside(`echo said > "$HOME/${place}/said"`)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(home, place, 'said'), 'utf8')).toBe('said\n');
  });

  test.each([
    ['the checkout', 'echo x > "$REPOSITORY/f"'],
    ['a hook', 'echo x > "$REPOSITORY/.git/hooks/post-checkout"'],
    ['the configuration', 'git config core.fsmonitor x'],
    ['the home', 'echo x > "$HOME/.bashrc"'],
  ])('it cannot write %s', async (_, script) => {
    const { exitCode, output } = await inside(script);
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/Read-only file system|could not lock config/);
    expect(await git(repository, 'status', '--porcelain', '--ignored', '--', 'f')).toBe('');
    expect(existsSync(join(home, '.bashrc'))).toBe(false);
  });

  test('it sees neither keys nor other processes, and long outputs that prompts name', async () => {
    const hidden = await inside('cat "$HOME/.ssh/id" "$HOME/.yokeflow/password"');
    expect(hidden.output.match(/No such file/g)).toHaveLength(2);
    const empty = await inside('cat "$HOME/.netrc" "$HOME/.config/git/credentials" && ls "$HOME/.aws/"');
    expect(empty).toEqual({ exitCode: 0, endedBy: 'exit', output: '' });
    expect((await inside('cat "$HOME/.yokeflow/outputs/long"')).output).toBe('a long output');
    const { output } = await inside('ls -d /proc/[0-9]* | wc -l');
    expect(Number(output)).toBeLessThan(10);
  });

  test('what it leaves behind ends with it, also what cleared its environment and lost its parent', async () => {
    const mark = `31${process.pid}`;
    const { exitCode } = await inside(`(env -i setsid sleep ${mark} &) ; sleep 0.2`);
    expect(exitCode).toBe(0);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`sleep ${mark}`);
  });
});
