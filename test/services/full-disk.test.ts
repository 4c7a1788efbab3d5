import { execFile, spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { identify } from '../../processes/identity';
import { built } from '../../services/built';
import { ensureServices, peekServices } from '../../services/ensure';
import { makeHome } from '../../services/home';
import { readSettings } from '../../services/settings';
import { stopServices } from '../../services/stop';
import { wiringOf } from '../../services/supervision/fingerprint';
import { writeState } from '../../services/supervision/state';
import { waitUntil } from '../../services/wait';
import { removeHomes, testHome, withHome } from '../support/home';
import { testPort } from '../support/ports';
import { servicesState } from '../support/services-state';
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

  it('is named where its PostgreSQL has ended, and cannot start for that', async () => {
    const at = await testHome();
    const { home, env } = at;
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', home]);
    try {
      const { state, postgresPassword } = await makeHome(home);
      await writeFile(postgresPassword, 'secret');
      const running = {
        supervisor: (await identify(process.pid))!,
        wiring: wiringOf(readSettings(env)),
        ports: { postgres: await testPort(), temporal: await testPort(), ui: null },
      };
      await writeState(state, servicesState(running));
      await expect(writeFile(path.join(home, 'fill'), Buffer.alloc(2_000_000))).rejects.toThrow('ENOSPC');
      await expect(ensureServices({ env, worker: false })).rejects.toMatchObject({
        problem: `PostgreSQL does not run: the disk of ${home} is full`,
        remedy: 'free some space, and try again',
      });
    } finally {
      await execute('umount', [home]);
      await at.remove();
    }
  });
});

afterAll(removeHomes);

// Every write to it fails as on a full disk.
(process.platform === 'linux' ? describe : describe.skip)('a supervisor whose log takes nothing', () => {
  it('brings the services up, and goes on', () =>
    withHome(async ({ env }) => {
      const full = await open('/dev/full', 'w');
      const child = spawn(process.execPath, [built('services/supervisor-main.js')], {
        ...{ env, detached: true, stdio: ['ignore', full.fd, full.fd] },
      });
      await full.close();
      const settled = () => child.exitCode !== null || child.signalCode !== null;
      const up = async () => settled() || (await peekServices(env)) !== null;
      expect(await waitUntil(up, 60_000)).toBe(true);
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    }));
});
