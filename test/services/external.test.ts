import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import path from 'node:path';
import { promisify } from 'node:util';
import { runChecks } from '../../services/doctor';
import { ensureServices } from '../../services/ensure';
import { serviceStatus } from '../../services/status';
import { removeTemporaryFolders, temporaryFolder } from '../support/git-repository';
import { testDatabase, testTemporal } from '../support/services';
import { removeHomes, withHome } from '../support/home';
import { testPort } from '../support/ports';

// They wait for what does not answer for most of their time.
afterAll(removeHomes);

test.concurrent('with both of the user’s own, nothing is started', () =>
  withHome(async (at) => {
    const database = await testDatabase();
    const { address } = testTemporal();
    const env = { ...at.env, DATABASE_URL: database.url, TEMPORAL_ADDRESS: address };
    const services = await ensureServices({ env, worker: false });
    expect(services).toMatchObject({
      databaseUrl: database.url,
      temporal: { address, namespace: 'default', uiUrl: null },
      started: false,
    });
    expect((await serviceStatus(env)).supervisor).toBeNull();
    await database.drop();
  }),
);

test.concurrent('with one of the user’s own, only the other is started', () =>
  withHome(async (at) => {
    const { address } = testTemporal();
    const env = { ...at.env, TEMPORAL_ADDRESS: address };
    const services = await ensureServices({ env, worker: false });
    expect(services.temporal.address).toBe(address);
    expect(services.databaseUrl).toContain(`127.0.0.1:${at.env.YOKEFLOW_POSTGRES_PORT}/`);
    const { programs } = await serviceStatus(env);
    expect(programs.map((program) => program.name)).toEqual(['postgres']);
  }),
);

test.concurrent('a Temporal CLI that cannot be used is a wrong setting, and nothing is begun', () =>
  withHome(async (at) => {
    const env = { ...at.env, YOKEFLOW_TEMPORAL_PATH: '/nowhere/temporal' };
    await expect(ensureServices({ env })).rejects.toMatchObject({
      name: 'SettingsError',
      message: expect.stringMatching(
        /^YOKEFLOW_TEMPORAL_PATH: \/nowhere\/temporal does not run: give the path/,
      ),
    });
    expect(await readdir(at.home)).toEqual([]);
  }),
);

test.concurrent('a temporal.toml by its relative path is the same file for what runs in the background', () =>
  withHome(async (at) => {
    const file = path.join(at.home, 'mine.toml');
    const { address } = testTemporal();
    await writeFile(file, `[profile.default]\naddress = "${address}"\n`);
    // By way of a folder that is only here.
    const relative = `test/${path.relative(path.resolve('test'), file)}`;
    const env = { ...at.env, TEMPORAL_CONFIG_FILE: relative };
    await ensureServices({ env, worker: false });
    const { programs, endpoints } = await serviceStatus(env);
    expect(programs.map((program) => program.name)).toEqual(['postgres']);
    expect(endpoints?.temporal.address).toBe(address);
  }),
);

test.concurrent('a server that does not answer is named, with what to do', () =>
  withHome(async (at) => {
    const port = await testPort();
    const temporal = { ...at.env, TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
    await expect(ensureServices({ env: temporal, worker: false })).rejects.toThrow(
      new RegExp(
        `^Temporal does not answer at 127.0.0.1:${port} \\(TEMPORAL_ADDRESS.*: start it, correct TEMPORAL_ADDRESS, or unset it to use the embedded one$`,
      ),
    );
    const database = { ...at.env, DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/db` };
    const asking = ensureServices({ env: database, worker: false });
    await expect(asking).rejects.toThrow(
      new RegExp(`^PostgreSQL does not answer at 127.0.0.1:${port} \\(DATABASE_URL`),
    );
    await expect(asking).rejects.not.toThrow(/hunter2/);
  }),
);

describe('a server that does not meet the settings in TLS', () => {
  let server: Server;
  let folder: string;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    folder = await temporaryFolder();
    const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    const named = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
    await promisify(execFile)('openssl', ['req', '-x509', ...made, ...named]);
    const files = await Promise.all([key, cert].map((file) => readFile(file)));
    server = createServer({ key: files[0], cert: files[1], ALPNProtocols: ['h2'] });
    server.on('tlsClientError', () => undefined);
    server.on('secureConnection', (socket) => socket.on('error', () => undefined));
    server.on('connection', (socket: Socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await removeTemporaryFolders();
  });

  const there = () => `localhost:${(server.address() as AddressInfo).port}`;

  test.concurrent.each([
    ['TEMPORAL_TLS', 'true'],
    ['TEMPORAL_API_KEY', 'key'],
  ])('%s, and it speaks none', (name, value) =>
    withHome(async (at) => {
      const { address } = testTemporal();
      const env = { ...at.env, TEMPORAL_ADDRESS: address, [name]: value };
      await expect(ensureServices({ env, worker: false })).rejects.toThrow(
        `Temporal at ${address} cannot be used (TEMPORAL_ADDRESS; it speaks no TLS, which the settings ask for): unset TEMPORAL_TLS`,
      );
    }),
  );

  test.concurrent('it wants TLS, and nothing asks for it', () =>
    withHome(async (at) => {
      const env = { ...at.env, TEMPORAL_ADDRESS: there() };
      await expect(ensureServices({ env, worker: false })).rejects.toThrow(
        `(TEMPORAL_ADDRESS; it wants TLS, which the settings do not ask for): set TEMPORAL_TLS=true`,
      );
      expect((await runChecks(env)).find(({ name }) => name === 'Temporal')).toMatchObject({
        ...{ status: 'fail', remedy: expect.stringMatching(/^set TEMPORAL_TLS=true/) },
      });
    }),
  );

  test.concurrent('its certificate is not trusted', () =>
    withHome(async (at) => {
      const env = { ...at.env, TEMPORAL_ADDRESS: there(), TEMPORAL_TLS: 'true' };
      await expect(ensureServices({ env, worker: false })).rejects.toThrow(
        /its certificate is not trusted \(.*self.signed.*\)\): name the certificate/i,
      );
      const trusting = { ...env, TEMPORAL_TLS_SERVER_CA_CERT_PATH: `${folder}/cert.pem` };
      // It is no Temporal.
      await expect(ensureServices({ env: trusting, worker: false })).rejects.toThrow(
        'does not answer at localhost',
      );
    }),
  );
});

test.concurrent('a namespace that is not there is named', () =>
  withHome(async (at) => {
    const env = { ...at.env, TEMPORAL_ADDRESS: testTemporal().address, TEMPORAL_NAMESPACE: 'absent' };
    await expect(ensureServices({ env, worker: false })).rejects.toThrow(/has no namespace "absent"/);
  }),
);
