import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OWNER_VARIABLE } from '../../../git/process/environment';
import { gitRunsIn, settleOrphans } from '../../../git/process/git-processes';
import { waitUntil } from '../../../services/wait';
import * as support from '../../support/git-repository';

afterAll(support.removeTemporaryFolders);

/** Calls `work` with a program of this name in front of all others on the PATH. */
async function withProgram(name: string, script: string, work: () => Promise<void>): Promise<void> {
  const { PATH } = process.env;
  const folder = await support.temporaryFolder();
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  await work().finally(() => (process.env.PATH = PATH));
}

/** As on macOS, where every machine has it. */
const LSOF = `for pid in $(echo "$5" | tr , ' '); do
  folder=$(readlink "/proc/$pid/cwd") && printf 'p%s\\nfcwd\\nn%s\\n' "$pid" "$folder"
done`;

test('what a killed worker left in a repository of a longer name is let be', async () => {
  const env = { PATH: process.env.PATH, [OWNER_VARIABLE]: '1:long ago' };
  const other = spawn('/bin/sh', ['-c', 'echo begun; sleep 30', '/srv/a/.git-other'], {
    env,
    detached: true,
  });
  await once(other.stdout, 'data');
  const begun = Date.now();
  await settleOrphans('/srv/a/.git');
  expect(Date.now() - begun).toBeLessThan(4_000);
  expect(other.signalCode).toBeNull();
  process.kill(-other.pid!);
  await once(other, 'exit');
});

test.each(['linux', 'darwin'] as const)(
  'a git that runs is known to be at work in its folder, and above that, and nowhere else (%s)',
  async (platform) => {
    const { path } = await support.newRepository({ 'in/a.txt': 'a\n' });
    const running = spawn('git', ['cat-file', '--batch'], { cwd: path });
    await once(running, 'spawn');
    const runsIn = (...folders: string[]) => gitRunsIn(folders, platform);
    await withProgram('lsof', LSOF, async () => {
      expect(await waitUntil(() => runsIn(path), 20_000)).toBe(true);
      expect(await runsIn(dirname(path))).toBe(true);
      // A git of others may be there for a moment.
      const elsewhere = async () => !(await runsIn(join(path, 'in'), `${path}-other`));
      expect(await waitUntil(elsewhere, 20_000)).toBe(true);
    }).finally(() => running.kill());
    await once(running, 'close');
  },
);

test('where nobody can tell where a git is at work, it may be here', () =>
  withProgram('ps', 'echo "  4000003 S /usr/bin/git"', async () => {
    expect(await gitRunsIn(['/somewhere'], 'darwin')).toBe(true);
  }));

test('a git that has ended before anybody could tell where it was is at work nowhere', async () => {
  const folder = await support.temporaryFolder();
  const listed = `test -e ${folder}/asked || echo "  4000003 S /usr/bin/git"; touch ${folder}/asked`;
  await withProgram('ps', listed, async () => {
    expect(await gitRunsIn(['/somewhere'], 'darwin')).toBe(false);
  });
});
