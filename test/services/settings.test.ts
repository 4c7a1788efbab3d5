import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SettingsError } from '../../services/errors';
import { readSettings } from '../../services/settings';

const bare = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    readSettings({ ...bare, ...env });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'none';
}

test('nothing set: everything is embedded, at the well-known ports', () => {
  expect(readSettings(bare)).toEqual({
    home: path.join(os.homedir(), '.yokeflow'),
    databaseUrl: null,
    temporal: null,
    namespace: 'default',
    preferredPorts: { temporal: 7233, ui: 8233, postgres: 54_329 },
  });
});

test('TEMPORAL_ADDRESS and DATABASE_URL, each by itself', () => {
  const temporal = readSettings({ ...bare, TEMPORAL_ADDRESS: 'there:7233', TEMPORAL_NAMESPACE: 'mine' });
  expect(temporal).toMatchObject({ databaseUrl: null, namespace: 'mine' });
  expect(temporal.temporal?.connectionOptions.address).toBe('there:7233');
  const database = readSettings({ ...bare, DATABASE_URL: 'postgres://u:p@there/db' });
  expect(database).toMatchObject({ databaseUrl: 'postgres://u:p@there/db', temporal: null });
});

test.each(['a%41', 'a#b', 'a?b'])(
  'a home that Temporal would not find, or keep its database beside: %s',
  (name) => {
    expect(problemOf({ YOKEFLOW_HOME: `/tmp/${name}` })).toBe(
      `The path /tmp/${name} holds %, ? or #: set YOKEFLOW_HOME to one without these`,
    );
    expect(problemOf({ YOKEFLOW_HOME: `/tmp/${name}`, TEMPORAL_ADDRESS: 'there:7233' })).toBe('none');
    expect(problemOf({ YOKEFLOW_HOME: "/tmp/a b'ü$&" })).toBe('none');
  },
);

test('a user without a home folder, as containers have them, is told what to set', () => {
  const unknown = jest.spyOn(os, 'homedir').mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  try {
    expect(problemOf({})).toBe('There is no home folder: set YOKEFLOW_HOME to a folder of yours');
    expect(problemOf({ YOKEFLOW_HOME: '/tmp/home' })).toBe('none');
  } finally {
    unknown.mockRestore();
  }
});

test('an API key means TLS', () => {
  const { temporal } = readSettings({ ...bare, TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'key' });
  expect(temporal?.connectionOptions).toMatchObject({ apiKey: 'key', tls: true });
});

test.each(['/nonexistent/ca.pem', ''])('a certificate that is not there: "%s"', (file) => {
  const address = { TEMPORAL_ADDRESS: 'there:7233', TEMPORAL_TLS_SERVER_CA_CERT_PATH: file };
  expect(problemOf(address)).toMatch(
    /^The certificates for Temporal cannot be read \(ENOENT.*\): correct the paths in TEMPORAL_TLS_/,
  );
});

test('a profile of temporal.toml', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yokeflow-settings-'));
  const file = path.join(folder, 'temporal.toml');
  await writeFile(file, '[profile.prod]\naddress = "prod:7233"\nnamespace = "ns"\n');
  const settings = readSettings({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' });
  expect(settings.namespace).toBe('ns');
  expect(settings.temporal?.connectionOptions.address).toBe('prod:7233');
  expect(problemOf({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'absent' })).toMatch(/TEMPORAL_PROFILE/);
  await rm(folder, { recursive: true });
});

test.each(['YOKEFLOW_TEMPORAL_PORT', 'YOKEFLOW_UI_PORT', 'YOKEFLOW_POSTGRES_PORT'])('a bad %s', (name) => {
  for (const value of ['0', '65536', '80.5', 'http']) {
    expect(problemOf({ [name]: value })).toBe(
      `${name} is "${value}": give a port from 1 to 65535, or unset it`,
    );
  }
  expect(problemOf({ [name]: '65535' })).toBe('none');
});

test('a bad DATABASE_URL is not shown: it may hold a password', () => {
  const problem = problemOf({ DATABASE_URL: 'mysql://root:hunter2@localhost/db' });
  expect(problem).toMatch(/^DATABASE_URL .*postgresql:\/\//);
  expect(problem).not.toContain('hunter2');
});

test('certificates in DATABASE_URL are the same files wherever a process runs', () => {
  const read = (files: string) =>
    readSettings({ ...bare, DATABASE_URL: `postgres://db/y?sslmode=verify-full&${files}` }).databaseUrl;
  const here = encodeURIComponent(path.resolve('my certs/ca.pem'));
  expect(read('sslrootcert=my%20certs/ca.pem&sslkey=/k.pem')).toBe(
    `postgres://db/y?sslmode=verify-full&sslrootcert=${here}&sslkey=%2Fk.pem`,
  );
  expect(read(`sslrootcert=${here}`)).toBe(`postgres://db/y?sslmode=verify-full&sslrootcert=${here}`);
});

test.each(['require', 'prefer', 'verify-ca'])(
  'sslmode=%s is what it is taken for, without a warning',
  (mode) => {
    const read = (query: string) =>
      readSettings({ ...bare, DATABASE_URL: `postgres://u:p%40@db.example.com/y?${query}` }).databaseUrl;
    expect(read(`sslmode=${mode}&a=b`)).toBe('postgres://u:p%40@db.example.com/y?sslmode=verify-full&a=b');
    const chosen = `uselibpqcompat=true&sslmode=${mode}`;
    expect(read(chosen)).toBe(`postgres://u:p%40@db.example.com/y?${chosen}`);
  },
);
