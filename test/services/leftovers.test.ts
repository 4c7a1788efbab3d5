import { spawn, type ChildProcess } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify } from '../../processes/identity';
import { clearPostmaster, endLeftovers } from '../../services/supervision/leftovers';
import { removeTemporaryFolders, temporaryFolder } from '../support/git-repository';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await removeTemporaryFolders();
});

/** A process that does nothing, with these arguments. */
async function idle(...args: string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', '--', ...args], { stdio: 'pipe' });
  children.push(child);
  return (await identify(child.pid!))!.pid;
}

const lives = async (pid: number) => (await identify(pid)) !== null;

(process.platform === 'linux' ? describe : describe.skip)('what no state names', () => {
  test('is ended where it is our own server, and not who reads its data', async () => {
    const data = join(await temporaryFolder(), 'postgres');
    const [server, copier] = [await idle('-D', data, '-p', '1'), await idle('-r', data, '/backup')];
    const said: string[] = [];
    const markers = {
      worker: ['--of-nobody'],
      temporal: ['--db-filename', `${data}.db`],
      postgres: ['-D', data],
    };
    await endLeftovers(null, markers, (line) => said.push(line));
    expect(said).toEqual([`ending the postgres that an earlier run left behind (process ${server})`]);
    expect([await lives(server), await lives(copier)]).toEqual([false, true]);
  });
});

const platforms = process.platform === 'linux' ? (['linux', 'darwin'] as const) : (['darwin'] as const);

test.each(platforms)(
  'on %s, a postmaster.pid whose number another process has by now is in nobody’s way',
  async (platform) => {
    const data = await temporaryFolder();
    const file = join(data, 'postmaster.pid');
    const there = () =>
      access(file).then(
        () => true,
        () => false,
      );
    const other = await idle('of', 'another', 'program');
    await writeFile(file, `${other}\n${data}\n`);
    await clearPostmaster(data, platform);
    expect([await there(), await lives(other)]).toEqual([false, true]);

    const server = await idle('-D', data);
    await writeFile(file, `${server}\n${data}\n`);
    await clearPostmaster(data, platform);
    expect(await lives(server)).toBe(false);
  },
);
