import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { OWNER_VARIABLE } from '../../../git/process/environment';
import { settleOrphans } from '../../../git/process/git-processes';

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
