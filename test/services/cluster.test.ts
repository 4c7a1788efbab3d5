import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../services/command';
import { postgresAccount } from '../../services/postgres/account';
import { copyForOthers, postgresBinaries } from '../../services/postgres/binaries';
import { initializeCluster } from '../../services/postgres/cluster';
import { withConnection } from '../../services/postgres/connection';
import { testDatabase } from '../support/services';

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

test('data of another major version stay as they are, and both versions are named', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'yokeflow-cluster-'));
  await writeFile(join(dataDir, 'PG_VERSION'), '17\n');
  const postgres = join(dataDir, 'postgres');
  await writeFile(postgres, "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n", { mode: 0o755 });
  await expect(
    initializeCluster({ dataDir, password: 'p', binaries: { initdb: '', postgres }, account: null }),
  ).rejects.toThrow(`The data in ${dataDir} is of PostgreSQL 17, and this one is 18: move it away, or serve`);
  await rm(dataDir, { recursive: true });
});

(process.platform === 'linux' ? describe : describe.skip)('what PostgreSQL shares', () => {
  test('is in no file of /dev/shm, where systemd deletes what is a user’s who has logged out', async () => {
    const database = await testDatabase({ empty: true });
    const shared = await withConnection(database.url, async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const maps = await readFile(`/proc/${rows[0]!.pid}/maps`, 'utf8');
      return maps.split('\n').filter((line) => / rw-s .*(\/dev\/shm|pg_dynshmem)/.test(line));
    });
    await database.drop();
    expect(shared).not.toEqual([]);
    expect(shared.filter((line) => line.includes('/dev/shm'))).toEqual([]);
  });
});

(process.getuid?.() === 0 ? describe : describe.skip)('root, whose files are closed to others', () => {
  let folder: string;
  let umask: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yokeflow-cluster-'));
    await chmod(folder, 0o755);
    umask = process.umask(0o077);
  });
  afterEach(async () => {
    process.umask(umask);
    await rm(folder, { recursive: true });
  });

  test('has PostgreSQL make its data in folders that its account can enter', async () => {
    const account = await postgresAccount();
    const binaries = await postgresBinaries(account);
    const dataDir = join(folder, 'state', 'home', 'postgres');
    expect(await initializeCluster({ dataDir, password: 'p', binaries, account })).toBe(false);
  });

  test('has a copy of programs that others can run', async () => {
    const [from, to] = [join(folder, 'native'), join(folder, 'copies', 'postgres-1')];
    await mkdir(join(from, 'bin'), { recursive: true });
    await writeFile(join(from, 'bin', 'initdb'), '#!/bin/sh\necho runs\n', { mode: 0o700 });
    await copyForOthers(from, to);
    const ran = await runCommand(join(to, 'bin', 'initdb'), [], { ...(await postgresAccount())!, cwd: '/' });
    expect(ran).toMatchObject({ code: 0, stdout: 'runs\n' });
  });
});
