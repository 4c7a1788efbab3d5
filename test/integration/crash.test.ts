import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAnthropic, type AnthropicMock, type AnthropicScript } from '../support/anthropic-mock';
import { lastResults, turnOf, type AnthropicRequest } from '../support/anthropic-request';
import { conflictPlan } from '../support/conflict';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { hostingOf } from '../support/hosting';
import { expectDependenciesContained } from '../support/invariants';
import { guidePlan, planOf } from '../support/plans';
import { testTemporalCli } from '../support/services';
import { endOf, projectName, startSystem, type System } from '../support/system';
import { startTestTemporal } from '../support/test-temporal';
import { openTunnel } from '../support/tunnel';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process';
import { until } from '../support/until';

/** The tests run side by side, and each worker serves the one task queue of its namespace: each test has its own. */
const namespaces = Array.from({ length: 14 }, (_, n) => `crash-${n}`);
const workers: WorkerProcess[] = [];
let temporal: { address: string; stop(): Promise<void> };
beforeAll(async () => {
  temporal = await startTestTemporal(testTemporalCli(), { namespaces });
});
afterAll(async () => {
  // Of a test that ran out of time, too.
  await Promise.all(workers.map((one) => one.kill()));
  await temporal.stop();
  await removeTemporaryFolders();
});

/** A system whose workers are processes, which can be killed. */
interface Place {
  system: System;
  newWorker: (environment?: Record<string, string>) => WorkerProcess;
  /** What all of them have said. */
  said: () => string;
}

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const namespace = namespaces.pop()!;
  const own: WorkerProcess[] = [];
  const system = await startSystem({ ownTemporal: { address: temporal.address, namespace } });
  const newWorker: Place['newWorker'] = (environment) => {
    const wiring = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: namespace };
    const started = startWorkerProcess({ DATABASE_URL: system.databaseUrl, ...wiring, ...environment });
    own.push(started);
    workers.push(started);
    return started;
  };
  try {
    await work({ system, newWorker, said: () => own.map((one) => one.output()).join('') });
  } finally {
    await Promise.all(own.map((one) => one.kill()));
    await system.close();
  }
}

test.concurrent(
  'a worker killed three times in a run: every commit once, every dependency contained, main whole',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      await system.import(
        guidePlan(project, (id) => `echo start >> f${id}; sleep 0.6; echo end >> f${id}`),
        path,
      );
      let worker = newWorker();
      const handle = await system.start({ project, parallel: true });
      const begun = async () => (await system.db.query('select from yokeflow.task_attempts')).rowCount;
      // Each time in other tasks, and at another moment of theirs.
      for (let kills = 0, seen = 0; kills < 3; kills++) {
        await until(async () => (await begun()) > seen);
        seen = await begun();
        await sleep(300 * kills);
        await worker.kill();
        worker = newWorker();
      }
      await expect(handle.result()).resolves.toMatchObject({ status: 'complete', tasks: { complete: 7 } });
      for (const id of [1, 2, 3, 4, 5, 6, 7])
        expect(await git(path, 'show', `main:f${id}`)).toBe('start\nend');
      const tasks = await git(
        path,
        'log',
        '--no-merges',
        '--format=%(trailers:key=YokeFlow-Task,valueonly,separator=)',
        'main',
      );
      expect(tasks.split('\n').filter(Boolean).sort()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
      await expectDependenciesContained(system.db, project, path);
      expect(await git(path, 'status', '--porcelain')).toBe('');
      expect(await git(path, 'fsck', '--no-dangling')).toBe('');
      expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
    }),
  240_000,
);

test.concurrent.each([
  ['has pushed, and before gh opens', false, 2],
  ['has opened, and before it has noted', true, 1],
])('a worker killed when it %s a pull request: there is one, on record, told once', (_, after, creates) =>
  inPlace(async ({ system, newWorker }) => {
    const project = projectName();
    const { path } = await newRepository();
    const hosting = await hostingOf(path);
    const environment = { PATH: hosting.environment.PATH! };
    await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo one > one.txt' }]), path);
    await hosting.change((state) => {
      state.trouble = { command: 'pr create', times: 1, says: '', hangs: true, after };
    });
    const worker = newWorker(environment);
    const handle = await system.start({ project, parallel: true, pullRequests: true });
    // It may be read while it is written.
    const hangs = () =>
      hosting.state().then(
        ({ trouble }) => trouble!.times === 0,
        () => false,
      );
    await until(hangs);
    await worker.kill();
    const tip = await git(path, 'rev-parse', 'epic-1-part-1');
    expect(await git(hosting.remote, 'rev-parse', 'epic-1-part-1')).toBe(tip);
    newWorker(environment);
    expect(await handle.result()).toMatchObject({
      status: 'complete',
      epics: [{ epic: 1, status: 'proposed', pullRequest: { number: 11 } }],
    });
    const { pulls, calls } = await hosting.state();
    expect(pulls).toHaveLength(1);
    expect(calls.filter(([, command]) => command === 'create')).toHaveLength(creates);
    expect(await git(hosting.remote, 'rev-parse', 'epic-1-part-1')).toBe(tip);
    const { rows } = await system.db.query(
      `select data->>'number' as number from yokeflow.events where type = 'epic_proposed'`,
    );
    expect(rows).toEqual([{ number: '11' }]);
  }),
);

test.concurrent.each([
  ['epic', '/epic-2', 'abandoned'],
  ['session', '', 'cancelled'],
])(
  'a worker lost while an agent settles a merge, and its %s terminated: the next agent begins anew',
  (what, workflow, ended) =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      await system.import(conflictPlan(project, join(system.folder, 'begun')), path);
      const tries = join(system.folder, 'tries');
      await write(system.folder, {
        'agent.sh': `
      case "$(cat)" in *"Resolve a merge conflict"*) echo x >> ${tries} ;; *) exit 1 ;; esac
      if [ $(wc -l < ${tries}) = 1 ]; then git checkout -q --ours a.txt; git commit -qam mine; sleep 600; fi
      printf '1\\ntwo zwei\\n3\\n' > a.txt; git add a.txt`,
      });
      const environment = { YOKEFLOW_AGENT_COMMAND: `bash ${join(system.folder, 'agent.sh')}` };
      const worker = newWorker(environment);
      const input = { project, parallel: true, agent: 'command' as const, maxAttempts: 1 };
      const handle = await system.start(input);
      const subject = () => git(path, 'log', '-1', '--format=%s', 'epic-2-part-2').catch(() => '');
      await until(async () => (await subject()) === 'mine');
      await worker.kill();
      await system.temporal.client.workflow
        .getHandle(`yokeflow-${project}${workflow}`)
        .terminate('by a person');
      newWorker(environment);
      const end = await (what === 'epic' ? endOf(handle.result()) : system.run(input));
      expect(end).toMatchObject({ outcome: 'complete' });
      expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo zwei\n3');
      const { rows } = await system.db.query(
        `select status from yokeflow.task_attempts where purpose = 'merge' order by id`,
      );
      expect(rows).toEqual([{ status: ended }, { status: 'complete' }]);
    }),
  240_000,
);

test.concurrent(
  'what a lost worker left running ends, also where its session was terminated and nobody goes on',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      const beats = join(system.folder, 'beats');
      const beat = `while :; do date >> ${beats}; sleep 0.2; done`;
      await system.import(planOf(project, [{ id: 1, epic: 1, action: `(${beat}) & ${beat}` }]), path);
      const worker = newWorker();
      const handle = await system.start({ project, parallel: true });
      await until(() => existsSync(beats));
      await worker.kill();
      await handle.terminate('by a person');
      newWorker();
      const running = `select from yokeflow.leases where processes <> '[]'`;
      await until(async () => (await system.db.query(running)).rowCount === 0);
      const size = async () => (await stat(beats)).size;
      const before = await size();
      await sleep(1_000);
      expect(await size()).toBe(before);
      // Nobody looks at the session: the worker that is there now closes it.
      const closed = `select from yokeflow.sessions where status = 'cancelled'`;
      await until(async () => (await system.db.query(closed)).rowCount === 1);
    }),
);

test.concurrent(
  'what the agent of a lost worker had committed in a session that was terminated: kept, and not taken for the next one’s',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      const begun = join(system.folder, 'begun');
      const half = `echo half > half; git add half; git commit -qm half; touch ${begun}; sleep 600`;
      const action = `test -e ${system.folder}/go || { ${half}; }; echo 1 > f1`;
      await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
      const worker = newWorker();
      const handle = await system.start({ project, parallel: true });
      await until(() => existsSync(begun));
      await worker.kill();
      await handle.terminate('by a person');
      await write(system.folder, { go: '' });
      newWorker();
      expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
      expect(await git(path, 'ls-tree', '--name-only', 'main')).toBe('a.txt\nf1');
      expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:half')).toBe('half');
    }),
  240_000,
);

test.concurrent(
  'a worker that is stopped while PostgreSQL says nothing leaves within seconds',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const url = new URL(system.databaseUrl);
      const tunnel = await openTunnel({ host: url.hostname, port: Number(url.port) });
      url.port = String(tunnel.port);
      const project = projectName();
      const { path } = await newRepository();
      await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > a.txt' }]), path);
      try {
        const worker = newWorker({ DATABASE_URL: url.href });
        expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
        tunnel.cut();
        // By then it has begun to look for what others left.
        await sleep(11_000);
        const asked = Date.now();
        await worker.stop();
        expect(Date.now() - asked).toBeLessThan(20_000);
      } finally {
        await tunnel.close();
      }
    }),
  240_000,
);

describe('an agent whose worker is killed', () => {
  interface AgentsPlace extends Place {
    api: AnthropicMock;
    path: string;
    handle: Awaited<ReturnType<System['start']>>;
    tree: string;
    kill: () => Promise<void>;
    restart: () => void;
    /** The turns that the model has answered. */
    completed: () => number[];
  }

  /** With a session of one task, which the agent has begun. */
  const withAgent = (script: AnthropicScript['script'], work: (at: AgentsPlace) => Promise<void>) =>
    inPlace(async (at) => {
      const api = await startAnthropic({ script });
      try {
        const project = projectName();
        const { path } = await newRepository();
        const task = { id: 1, epic: 1, action: 'Count', agent: 'claude' as const };
        await at.system.import(planOf(project, [task]), path);
        const start = () => at.newWorker({ ANTHROPIC_API_KEY: api.apiKey, ANTHROPIC_BASE_URL: api.baseUrl });
        let worker = start();
        const handle = await at.system.start({ project, parallel: true, model: 'haiku' });
        await work({
          ...{ ...at, api, path, handle, tree: `${path}/.worktrees/epic-1-part-1` },
          kill: () => worker.kill(),
          restart: () => void (worker = start()),
          completed: () => api.journal.filter((entry) => entry.completed).map((entry) => entry.turn),
        });
      } finally {
        await api.close();
      }
    });

  test('in a model call: the turns before it are not requested again', async () => {
    let stall: (() => void) | undefined;
    let again = 0;
    const script = async (request: AnthropicRequest) => {
      const turn = turnOf(request);
      if (turn === 2 && stall) again ||= Date.now();
      if (turn === 2 && !stall) await new Promise<void>((resolve) => (stall = resolve));
      if (turn < 3) return { tools: [{ name: 'bash', input: { command: `echo ${turn} >> turns` } }] };
      return { text: 'done' };
    };
    await withAgent(script, async ({ api, path, handle, kill, restart, completed }) => {
      await until(() => stall !== undefined);
      const killed = Date.now();
      await kill();
      restart();
      stall!();
      await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
      expect(completed()).toEqual([0, 1, 2, 3]);
      // Its heartbeats tell, and not the end of the task's hour; how soon, `npm run bench -- recovery` shows.
      expect(again - killed).toBeLessThan(60_000);
      expect(await git(path, 'show', 'main:turns')).toBe('0\n1\n2');
      expect(api.broken).toEqual([]);
    });
  });

  test.concurrent(
    'between turns, after it read the key of its worker: nothing recorded is requested again, and the key is nowhere',
    async () => {
      const script = (request: AnthropicRequest) => {
        const turn = turnOf(request);
        const peek = "tr '\\0' '\\n' < /proc/$PPID/environ | grep -a ANTHROPIC";
        if (turn < 5)
          return { tools: [{ name: 'bash', input: { command: `echo ${turn} >> turns; ${peek}` } }] };
        return { text: 'done' };
      };
      await withAgent(script, async ({ system, api, path, handle, kill, restart, completed, said }) => {
        const recorded = async (kind: string) => {
          const { rows } = await system.db.query<{ count: number }>(
            'select count(*)::int as count from yokeflow.agent_turns where kind = $1',
            [kind],
          );
          return rows[0]!.count;
        };
        for (const turns of [1, 3]) {
          await until(async () => (await recorded('result')) >= turns);
          await kill();
          const [responses, before] = [await recorded('response'), api.journal.length];
          restart();
          await until(() => api.journal.length > before);
          expect(api.journal.slice(before).every(({ turn }) => turn >= responses)).toBe(true);
        }
        await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
        expect(new Set(completed())).toEqual(new Set([0, 1, 2, 3, 4, 5]));
        expect(await recorded('response')).toBe(6);
        const lines = (await git(path, 'show', 'main:turns')).split('\n');
        expect(lines).toEqual([...new Set(lines)]);
        const { rows } = await system.db.query(`select payload::text from yokeflow.agent_turns`);
        const records = JSON.stringify(rows) + JSON.stringify(await handle.fetchHistory());
        expect(records).toContain('ANTHROPIC_API_KEY=[redacted]');
        expect(records + said()).not.toContain(api.apiKey);
        expect(api.journal.map(({ raw }) => raw).join('')).not.toContain(api.apiKey);
        expect(api.broken).toEqual([]);
      });
    },
    240_000,
  );

  test.concurrent(
    'in a tool call: it is not run again, and the model is told that its outcome is unknown',
    async () => {
      const told: string[] = [];
      const script = (request: AnthropicRequest) => {
        if (turnOf(request) === 0)
          return {
            tools: [{ name: 'bash', input: { command: 'echo once >> ran; sleep 300; echo late >> ran' } }],
          };
        if (turnOf(request) === 1) told.push(...lastResults(request).map((result) => result.text));
        return { text: 'done' };
      };
      await withAgent(script, async ({ api, path, tree, handle, kill, restart, completed }) => {
        await until(() =>
          git(tree, 'status', '--porcelain').then(
            (out) => out.includes('ran'),
            () => false,
          ),
        );
        await kill();
        restart();
        await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
        expect(completed()).toEqual([0, 1]);
        expect(told).toEqual([expect.stringMatching(/unknown/i)]);
        expect(await git(path, 'show', 'main:ran')).toBe('once');
        expect(api.broken).toEqual([]);
      });
    },
  );
});

test.concurrent(
  'a task that ends its worker again and again fails, instead of being run for ever; its neighbour does not',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      const [log, gate] = [`${system.folder}/tries`, `${system.folder}/gate`];
      const waitFor = (file: string) => `until [ -e ${file} ]; do sleep 0.1; done`;
      await system.import(
        planOf(project, [
          {
            id: 1,
            epic: 1,
            action: `echo try >> ${log}; echo 1 > f1; ${waitFor(gate)}; kill -9 $PPID; sleep 9`,
          },
          { id: 2, epic: 2, action: `echo try >> ${log}-2; ${waitFor(`${gate}-2`)}; echo 2 > f2` },
        ]),
        path,
      );
      let worker = newWorker();
      const handle = await system.start({ project, parallel: true });
      const tries = async (file: string) =>
        (await readFile(file, 'utf8').catch(() => '')).split('try').length - 1;
      await until(async () => (await tries(log)) === 1 && (await tries(`${log}-2`)) === 1);
      // Each loss takes a heartbeat's timeout to be noticed: both were there at two already, and the first one at a third.
      await system.db.query(
        `update yokeflow.task_attempts a set worker_losses = 4 - t.number from yokeflow.tasks t where t.id = a.task_id`,
      );
      await write(system.folder, { gate: '' });
      await worker.gone;
      await write(system.folder, { 'gate-2': '' });
      worker = newWorker();
      // Now both are suspects, and go one after the other: the older try first, whichever that is.
      await worker.gone;
      newWorker();
      expect(await endOf(handle.result())).toMatchObject({ outcome: 'SessionIncomplete' });
      const { rows } = await system.db.query(
        `select a.status, a.reason, a.worker_losses as losses
     from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id order by t.number`,
      );
      expect(rows).toEqual([
        { status: 'failed', reason: expect.stringContaining('was lost 5 times while it ran'), losses: 5 },
        { status: 'complete', reason: null, losses: 3 },
      ]);
      expect([await tries(log), await tries(`${log}-2`)]).toEqual([2, 2]);
      expect(await git(path, 'show', 'refs/yokeflow/wip/1/1:f1')).toBe('1');
    }),
  240_000,
);

test.concurrent(
  'a worker that stalls and comes back: its successor writes, it cannot',
  () =>
    inPlace(async ({ system, newWorker }) => {
      const project = projectName();
      const { path } = await newRepository();
      const log = `${system.folder}/tries`;
      await system.import(
        planOf(project, [
          { id: 1, epic: 1, action: `echo try >> ${log}; sleep 4; echo "by $PPID" >> f1; echo end >> f1` },
        ]),
        path,
      );
      const worker = newWorker();
      const handle = await system.start({ project, parallel: true });
      const tries = async () =>
        (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean).length;
      await until(async () => (await tries()) === 1);
      worker.freeze();
      newWorker();
      await until(async () => (await tries()) === 2);
      worker.thaw();
      expect(await endOf(handle.result())).toMatchObject({ outcome: 'complete' });
      expect((await git(path, 'show', 'main:f1')).split('\n')).toEqual([
        expect.stringMatching(/^by /),
        'end',
      ]);
      expect(await git(path, 'log', '--no-merges', '--format=%s', 'main')).toBe('Task 1\nstart');
      const { rows } = await system.db.query<{ status: string }>(
        `select a.status from yokeflow.task_attempts a join yokeflow.tasks t on t.id = a.task_id
     join yokeflow.projects p on p.id = t.project_id where p.name = $1`,
        [project],
      );
      expect(rows).toEqual([{ status: 'complete' }]);
    }),
  240_000,
);

// Alone, since it is about time.
test('SIGTERM hands the work back at once: another worker goes on within seconds', () =>
  inPlace(async ({ system, newWorker }) => {
    const project = projectName();
    const { path } = await newRepository();
    const gate = `${system.folder}/gate`;
    await system.import(
      planOf(project, [
        {
          id: 1,
          epic: 1,
          action: `date +%s%3N >> ${system.folder}/starts; test -e ${gate} || sleep 60; echo 1 > f1`,
        },
      ]),
      path,
    );
    const worker = newWorker();
    const handle = await system.start({ project, parallel: true });
    const starts = async () => {
      const text = await readFile(`${system.folder}/starts`, 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean).map(Number);
    };
    await until(async () => (await starts()).length === 1);
    const second = newWorker();
    await until(() => second.output().includes('RUNNING'));
    await write(system.folder, { gate: '' });
    const stopped = Date.now();
    await worker.stop();
    await expect(handle.result()).resolves.toMatchObject({ status: 'complete' });
    const [, again] = await starts();
    expect(again! - stopped).toBeLessThan(5_000);
  }));
