import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureServices } from '../../services/ensure';
import { makeHome } from '../../services/home';
import { stopServices } from '../../services/stop';
import { testHome } from '../support/home';
import { describeWithDisk, titleWithDisk } from '../support/small-disk';

const execute = promisify(execFile);

describeWithDisk(titleWithDisk('a home on a disk that is full'), () => {
  it('says so, though no log can', async () => {
    const at = await testHome();
    const { home, env } = at;
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', home]);
    try {
      const { logs } = await makeHome(home);
      await writeFile(path.join(logs, 'supervisor.log'), 'of an earlier start\n');
      await expect(writeFile(path.join(home, 'fill'), Buffer.alloc(2_000_000))).rejects.toThrow('ENOSPC');
      await expect(ensureServices({ env, worker: false })).rejects.toMatchObject({
        problem: `The services did not start: the disk of ${home} is full`,
        remedy: 'free some space, and try again',
      });
    } finally {
      await stopServices({ env });
      await execute('umount', [home]);
      await at.remove();
    }
  });
});
