import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { runChecks } from '../../services/doctor';
import { ensureServices, peekServices } from '../../services/ensure';
import { homePaths, makeHome } from '../../services/home';
import { withConnection } from '../../services/postgres/connection';
import { identify } from '../../processes/identity';
import { serviceStatus } from '../../services/status';
import { stopServices } from '../../services/stop';
import { postgresDataDir } from '../../services/supervision/bring-up';
import { thisPlace } from '../../services/supervision/elsewhere';
import { wiringOf } from '../../services/supervision/fingerprint';
import { keepRunning } from '../../services/supervision/keep-running';
import { temporalProgram } from '../../services/supervision/programs';
import { readSettings } from '../../services/settings';
import { readState, type ServicesState, writeState } from '../../services/supervision/state';
import { waitUntil } from '../../services/wait';
import { removeHomes, type TestHome, withHome } from '../support/home';
import { testPort } from '../support/ports';
import { servicesState } from '../support/services-state';
import { takePortOf } from '../support/taken-port';
import { testTemporalCli } from '../support/services';

afterAll(removeHomes);

interface Place {
  at: TestHome;
  ensure: (said?: string[]) => ReturnType<typeof ensureServices>;
  pidOf: (name: string) => Promise<number>;
  allPids: () => Promise<number[]>;
}

const inHome = (work: (place: Place) => Promise<void>) =>
  withHome((at) =>
    work({
      at,
      ensure: (said = []) =>
        ensureServices({ env: at.env, worker: false, onProgress: (line) => said.push(line) }),
      async pidOf(name) {
        const { programs } = await serviceStatus(at.env);
        return programs.find((program) => program.name === name)!.pid;
      },
      async allPids() {
        const { supervisor, programs } = await serviceStatus(at.env);
        return [supervisor!, ...programs.map((program) => program.pid)];
      },
    }),
  );

/** A supervisor looks every five seconds, and gives what it ends ten. */
const gone = (pid: number) => waitUntil(async () => (await identify(pid)) === null, 60_000);

async function writes(url: string, text: string): Promise<void> {
  await withConnection(url, async (client) => {
    await client.query('create table if not exists kept (text text)');
    await client.query('insert into kept values ($1)', [text]);
  });
}

const kept = (url: string) =>
  withConnection(url, async (client) => {
    const found = await client.query<{ text: string }>('select text from kept order by text');
    return found.rows.map((row) => row.text);
  });

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  return work(new Client({ connection })).finally(() => connection.close());
}

test('start, find again quickly, stop, start with everything kept and at the same ports', () =>
  inHome(async ({ at, ensure, allPids }) => {
    const other = createServer().listen(Number(at.env.YOKEFLOW_POSTGRES_PORT), '127.0.0.1');
    await once(other, 'listening');
    other.unref();
    const said: string[] = [];
    const began = performance.now();
    const first = await ensure(said);
    const startMs = performance.now() - began;
    expect(first.started).toBe(true);
    expect(said).toEqual(
      expect.arrayContaining([expect.stringMatching('PostgreSQL is ready'), expect.stringMatching('Web UI')]),
    );
    expect(first.temporal.address).toBe(`127.0.0.1:${at.env.YOKEFLOW_TEMPORAL_PORT}`);
    await writes(first.databaseUrl, 'one');
    await withClient(first.temporal.address, (client) =>
      client.workflow.start('anything', { taskQueue: 'none', workflowId: 'kept' }),
    );

    const foundInMs: number[] = [];
    for (let times = 0; times < 3; times++) {
      const before = performance.now();
      expect(await ensure()).toEqual({ ...first, started: false });
      foundInMs.push(performance.now() - before);
    }
    // This machine may have stalled in one of them.
    expect(Math.min(...foundInMs)).toBeLessThan(startMs / 3);
    expect(await peekServices(at.env)).toEqual({ databaseUrl: first.databaseUrl, temporal: first.temporal });

    const pids = await allPids();
    expect(pids).toHaveLength(3);
    expect(await stopServices({ env: at.env })).toBe(true);
    for (const pid of pids) expect(await identify(pid)).toBeNull();
    expect(await peekServices(at.env)).toBeNull();
    expect(await stopServices({ env: at.env })).toBe(false);

    const third = await ensure();
    // Whoever watches a session meanwhile finds them again, though the preferred port is still taken.
    expect(third).toEqual({ ...first, started: true });
    other.close();
    expect(await kept(third.databaseUrl)).toEqual(['one']);
    const description = await withClient(third.temporal.address, (client) =>
      client.workflow.getHandle('kept').describe(),
    );
    expect(description.status.name).toBe('RUNNING');
  }));

test.concurrent('a password that is gone is made anew, and what is in the database stays', () =>
  inHome(async ({ at, ensure }) => {
    const first = await ensure();
    await writes(first.databaseUrl, 'one');
    await stopServices({ env: at.env });
    await rm(homePaths(at.home).postgresPassword);
    const second = await ensure();
    expect(second.databaseUrl).not.toBe(first.databaseUrl);
    expect(await kept(second.databaseUrl)).toEqual(['one']);
  }),
);

// As root, they are apart from a home that others may not enter.
test.concurrent('data stay where they were made, also when others may enter the home later', () =>
  inHome(async ({ at }) => {
    await chmod(at.home, 0o700);
    const home = path.join(at.home, 'inner');
    await mkdir(home);
    const made = await postgresDataDir(home);
    await mkdir(made, { recursive: true });
    await chmod(at.home, 0o711);
    expect(await postgresDataDir(home)).toBe(made);
    await rm(path.dirname(made), { recursive: true });
  }),
);

test.concurrent('what dies is started again, at the same port', () =>
  inHome(async ({ at, ensure, pidOf }) => {
    const { databaseUrl, temporal } = await ensure();
    await writes(databaseUrl, 'one');
    for (const name of ['postgres', 'temporal']) {
      const pid = await pidOf(name);
      process.kill(pid, 'SIGKILL');
      expect(await waitUntil(async () => (await pidOf(name)) !== pid, 20_000)).toBe(true);
    }
    const answers = () =>
      kept(databaseUrl).then(
        (texts) => texts.includes('one'),
        () => false,
      );
    expect(await waitUntil(answers, 40_000)).toBe(true);
    const list = () => withClient(temporal.address, (client) => client.workflowService.getSystemInfo({}));
    expect(await waitUntil(() => list().then(Boolean, () => false), 40_000)).toBe(true);
    const log = await readFile(path.join(homePaths(at.home).logs, 'supervisor.log'), 'utf8');
    for (const name of ['postgres', 'temporal'])
      expect(log).toMatch(
        new RegExp(`Z ${name} has ended by itself \\(SIGKILL\\)\\n[^]*Z ${name} runs as process \\d+`),
      );
  }),
);

test.concurrent('a PostgreSQL that has just died is waited for by who needs it', () =>
  inHome(async ({ ensure, pidOf }) => {
    const { databaseUrl } = await ensure();
    await writes(databaseUrl, 'one');
    const pid = await pidOf('postgres');
    process.kill(pid, 'SIGKILL');
    expect(await waitUntil(async () => (await identify(pid)) === null, 20_000)).toBe(true);
    const said: string[] = [];
    await ensure(said);
    expect(await kept(databaseUrl)).toEqual(['one']);
    expect(said).toEqual([expect.stringMatching(/^PostgreSQL has ended, and is being started again \(/)]);
  }),
);

(process.platform === 'linux' ? describe : describe.skip)(
  'a PostgreSQL of which processes are frozen',
  () => {
    const childrenOf = async (parent: number): Promise<number[]> => {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(parent)]);
      return stdout.split('\n').filter(Boolean).map(Number);
    };

    test.concurrent('is stopped with all of them', () =>
      inHome(async ({ at, ensure, pidOf }) => {
        const { databaseUrl } = await ensure();
        await writes(databaseUrl, 'one');
        const postmaster = await pidOf('postgres');
        const all = [postmaster, ...(await childrenOf(postmaster))];
        expect(all.length).toBeGreaterThan(3);
        for (const pid of all) process.kill(pid, 'SIGSTOP');
        expect(await stopServices({ env: at.env })).toBe(true);
        for (const pid of all) expect(await identify(pid)).toBeNull();
        expect(await kept((await ensure()).databaseUrl)).toEqual(['one']);
      }),
    );

    test.concurrent('is started again when its first process dies', () =>
      inHome(async ({ ensure, pidOf }) => {
        const { databaseUrl } = await ensure();
        await writes(databaseUrl, 'one');
        const postmaster = await pidOf('postgres');
        const frozen = await childrenOf(postmaster);
        for (const pid of frozen) process.kill(pid, 'SIGSTOP');
        process.kill(postmaster, 'SIGKILL');
        const answers = () =>
          kept(databaseUrl).then(
            (texts) => texts.includes('one'),
            () => false,
          );
        expect(await waitUntil(answers, 40_000)).toBe(true);
        for (const pid of frozen) expect(await identify(pid)).toBeNull();
      }),
    );
  },
);

test.concurrent('a port that another program takes meanwhile is left to it', () =>
  inHome(async ({ at, ensure }) => {
    const first = await ensure();
    await writes(first.databaseUrl, 'one');
    const port = Number(at.env.YOKEFLOW_TEMPORAL_PORT);
    const other = await takePortOf(at.env, 'temporal', port);
    try {
      const moved = async () => (await peekServices(at.env))?.temporal.address ?? first.temporal.address;
      expect(await waitUntil(async () => (await moved()) !== first.temporal.address, 60_000)).toBe(true);
      const second = await ensure();
      expect(second.databaseUrl).toBe(first.databaseUrl);
      expect(await kept(second.databaseUrl)).toEqual(['one']);
      await withClient(second.temporal.address, (client) => client.workflowService.getSystemInfo({}));
    } finally {
      other.close();
    }
  }),
);

test.concurrent('a Temporal that is not ours is not taken for ours, whose port it has', () =>
  inHome(async ({ at, ensure }) => {
    const { temporal } = await ensure();
    const paths = homePaths(`${at.home}-other`);
    const server = { port: Number(temporal.address.split(':')[1]), uiPort: await testPort() };
    const program = temporalProgram(await makeHome(`${at.home}-other`), testTemporalCli(), {
      ...server,
      namespaces: ['default', 'of-the-other-home'],
    });
    const watcher = { onStart: async () => {}, onSettled: async () => {}, onPortTaken: jest.fn() };
    const running = keepRunning(program, watcher);
    await expect(running.ready).rejects.toThrow(`Another program has taken port ${server.port} of temporal`);
    expect(watcher.onPortTaken).toHaveBeenCalledWith(server.port);
    await running.stop();
    await rm(path.dirname(paths.logs), { recursive: true, force: true });
  }),
);

test.concurrent('after the supervisor was killed, the next start ends what it left and goes on', () =>
  inHome(async ({ at, ensure, allPids }) => {
    const first = await ensure();
    await writes(first.databaseUrl, 'one');
    const [supervisor, ...children] = await allPids();
    process.kill(supervisor!, 'SIGKILL');
    await gone(supervisor!);
    expect(await peekServices(at.env)).toBeNull();
    const checks = await runChecks(at.env);
    expect(checks.filter(({ name }) => ['PostgreSQL', 'Temporal'].includes(name))).toMatchObject([
      { name: 'PostgreSQL', status: 'ok' },
      { name: 'Temporal', status: 'ok' },
    ]);

    const said: string[] = [];
    const second = await ensure(said);
    expect(said.filter((line) => line.includes('left behind'))).toHaveLength(2);
    for (const pid of children) expect(await identify(pid)).toBeNull();
    expect(second).toEqual({ ...first, started: true });
    expect(await kept(second.databaseUrl)).toEqual(['one']);
  }),
);

test.concurrent('stop ends what a killed supervisor left', () =>
  inHome(async ({ at, ensure, allPids }) => {
    await ensure();
    const [supervisor, ...children] = await allPids();
    process.kill(supervisor!, 'SIGKILL');
    await gone(supervisor!);
    await stopServices({ env: at.env });
    for (const pid of children) expect(await identify(pid)).toBeNull();
  }),
);

test.concurrent('two that start at once share one set', () =>
  inHome(async ({ ensure, allPids }) => {
    const [one, other] = await Promise.all([ensure(), ensure()]);
    expect(one.temporal).toEqual(other.temporal);
    expect(one.databaseUrl).toBe(other.databaseUrl);
    expect(await allPids()).toHaveLength(3);
  }),
);

test.concurrent('a start while they are being stopped waits for that, and starts them again', () =>
  inHome(async ({ at, ensure, pidOf }) => {
    await ensure();
    // It does not end by itself, so that there is a while.
    process.kill(await pidOf('temporal'), 'SIGSTOP');
    const stopped = stopServices({ env: at.env });
    const isStopping = async () => (await readState(homePaths(at.home).state))?.phase === 'stopping';
    expect(await waitUntil(isStopping, 30_000, 20)).toBe(true);
    const said: string[] = [];
    expect((await ensure(said)).started).toBe(true);
    expect(await stopped).toBe(true);
    expect(said[0]).toBe('the services are being stopped: waiting for that');
    expect(await peekServices(at.env)).not.toBeNull();
  }),
);

test.concurrent(
  'services that are told to stop as soon as anybody can, stop in order, and their start says so',
  () =>
    inHome(async ({ at, ensure }) => {
      const started = ensure().then(String, String);
      const { state } = homePaths(at.home);
      expect(await waitUntil(async () => (await readState(state)) !== null, 30_000, 1)).toBe(true);
      process.kill((await readState(state))!.supervisor.pid, 'SIGTERM');
      expect(await started).toBe('ServicesError: The services were stopped while they came up: try again');
      expect(await readState(state)).toBeNull();
    }),
);

describe('who waits for services that another command starts', () => {
  const follow = async (at: TestHome, end: (state: ServicesState) => Promise<void>) => {
    const other = spawn('sleep', ['60']);
    const state = servicesState({
      supervisor: (await identify(other.pid!))!,
      place: await thisPlace(),
      phase: 'starting',
      progress: ['starting PostgreSQL'],
      wiring: wiringOf(readSettings(at.env)),
    });
    await writeState(homePaths(at.home).state, state);
    const said: string[] = [];
    const onProgress = (line: string) => void said.push(line);
    const followed = ensureServices({ env: at.env, worker: false, onProgress }).then(String, String);
    expect(await waitUntil(async () => said.length > 0, 30_000)).toBe(true);
    await end(state);
    other.kill('SIGKILL');
    return Promise.race([followed, sleep(30_000, 'it still waits', { ref: false })]);
  };

  test.concurrent('hears why they could not be started', () =>
    inHome(async ({ at }) => {
      const failure = { problem: 'There is no Temporal CLI', remedy: 'install it' };
      const heard = await follow(at, (state) =>
        writeState(homePaths(at.home).state, { ...state, phase: 'failed', failure }),
      );
      expect(heard).toBe('ServicesError: There is no Temporal CLI: install it');
    }),
  );

  test.concurrent('hears that they were stopped', () =>
    inHome(async ({ at }) => {
      const heard = await follow(at, () => rm(homePaths(at.home).state));
      expect(heard).toBe('ServicesError: The services were stopped while they came up: try again');
    }),
  );
});

test.concurrent.each([
  ['a proxy', { http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' }],
  ['TLS to PostgreSQL', { PGSSLMODE: 'require' }],
])('what the environment says of %s is not about embedded servers', (_, variables) =>
  inHome(async ({ at }) => {
    const env = { ...at.env, ...variables };
    expect((await ensureServices({ env, worker: false })).started).toBe(true);
  }),
);

test.concurrent('a Temporal that was killed while it made its database makes it anew', () =>
  inHome(async ({ at }) => {
    const cli = path.join(at.home, 'cli');
    await writeFile(
      cli,
      `#!/bin/sh
[ "$1" != server ] || [ -e "$HOME/killed" ] && exec ${testTemporalCli()} "$@"
${testTemporalCli()} "$@" &
while [ ! -e "$HOME/temporal.db" ]; do :; done
kill -9 $!
touch "$HOME/killed"
`,
      { mode: 0o755 },
    );
    const { temporal } = await ensureServices({
      env: { ...at.env, YOKEFLOW_TEMPORAL_PATH: cli },
      worker: false,
    });
    await withClient(temporal.address, (client) => client.workflowService.getSystemInfo({}));
    expect(await readdir(path.join(at.home, 'temporal'))).toContain('killed');
  }),
);

test.concurrent(
  'a Temporal of another version than made its database is told, at each start and by doctor',
  () =>
    inHome(async ({ at, ensure }) => {
      const said: string[] = [];
      await ensure(said);
      await stopServices({ env: at.env });
      const cli = path.join(at.home, 'cli');
      const asks = `[ "$1" = --version ] && exec echo 'temporal version 1.99.0 (Server 1.99.0)'`;
      await writeFile(cli, `#!/bin/sh\n${asks}\nexec ${testTemporalCli()} "$@"\n`, { mode: 0o755 });
      const env = { ...at.env, YOKEFLOW_TEMPORAL_PATH: cli };
      const isTold = /\/cli is version 1\.99, and 1\.\d+ made the database here/;
      expect(said.join()).not.toMatch(/made the database/);
      await ensureServices({ env, worker: false, onProgress: (line) => said.push(line) });
      expect(said.join()).toMatch(isTold);
      expect((await runChecks(env)).find(({ name }) => name === 'Temporal CLI')).toMatchObject({
        status: 'warn',
        detail: expect.stringMatching(isTold),
      });
      expect((await runChecks(at.env)).find(({ name }) => name === 'Temporal CLI')?.status).toBe('ok');
    }),
);

test.concurrent('a supervisor that is told by SIGHUP stops what it has started, too', () =>
  inHome(async ({ at, ensure, allPids }) => {
    await ensure();
    const pids = await allPids();
    process.kill(pids[0]!, 'SIGHUP');
    for (const pid of pids) expect(await gone(pid)).toBe(true);
    expect(await readState(homePaths(at.home).state)).toBeNull();
  }),
);

test.concurrent('a services.json that somebody has deleted is written again', () =>
  inHome(async ({ at, ensure }) => {
    const first = await ensure();
    await rm(homePaths(at.home).state);
    expect(await waitUntil(async () => (await peekServices(at.env)) !== null, 30_000)).toBe(true);
    expect(await ensure()).toEqual({ ...first, started: false });
  }),
);

test.concurrent('a supervisor whose home is gone ends, with all that it has started', () =>
  inHome(async ({ at, ensure, allPids }) => {
    await ensure();
    const pids = await allPids();
    await rename(at.home, `${at.home}-gone`);
    for (const pid of pids) expect(await gone(pid)).toBe(true);
    await rename(`${at.home}-gone`, at.home);
  }),
);

test.concurrent('a supervisor whose home another one has taken leaves it to that', () =>
  inHome(async ({ at, ensure, allPids }) => {
    await ensure();
    const pids = await allPids();
    const other = spawn('sleep', ['60']);
    try {
      const { state } = homePaths(at.home);
      const taken = { ...(await readState(state))!, supervisor: (await identify(other.pid!))!, programs: [] };
      await writeState(state, taken);
      for (const pid of pids) expect(await gone(pid)).toBe(true);
      expect(await readState(state)).toEqual(taken);
    } finally {
      other.kill('SIGKILL');
    }
  }),
);

test.concurrent('other settings than those that run are refused, with the way out', () =>
  inHome(async ({ at, ensure }) => {
    const { temporal } = await ensure();
    const env = { ...at.env, TEMPORAL_ADDRESS: temporal.address };
    await expect(ensureServices({ env, worker: false })).rejects.toThrow(/yokeflow down/);
  }),
);

test.concurrent('neither the password nor the database URL is in services.json', () =>
  inHome(async ({ at, ensure }) => {
    const { databaseUrl } = await ensure();
    const text = await readFile(homePaths(at.home).state, 'utf8');
    expect(text).not.toContain(new URL(databaseUrl).password);
  }),
);
