import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initializeCluster } from '../../services/postgres/cluster';

test('a user without a name, as containers have them, is told what PostgreSQL lacks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'yokeflow-cluster-'));
  const initdb = join(folder, 'initdb');
  const said = 'initdb: error: could not look up effective user ID 12345: user does not exist';
  await writeFile(initdb, `#!/bin/sh\necho '${said}' >&2\nexit 1\n`);
  await chmod(initdb, 0o755);
  const binaries = { initdb, postgres: '' };
  await expect(
    initializeCluster({ dataDir: join(folder, 'data'), password: 'p', binaries, account: null }),
  ).rejects.toThrow(/^PostgreSQL does not run as user \d+, who has no entry in \/etc\/passwd: add one, /);
  await rm(folder, { recursive: true });
});
