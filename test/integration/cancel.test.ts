import { access, readdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../chaos/victims';
import { cli, endpointsOf } from '../client/captured-cli';
import { git, newRepository } from '../support/git-repository';
import { planOf } from '../support/plans';
import { random } from '../support/random';
import { projectName, useSystem } from '../support/system';

/** `YOKEFLOW_CANCEL_TRIES=100 npx jest test/integration/cancel` is the long form. */
const TRIES = Number(process.env.YOKEFLOW_CANCEL_TRIES ?? 3);
const SEED = Number(process.env.YOKEFLOW_SEED ?? 1);
/** In this time after its start a session opens, makes six worktrees and starts six scripts. */
const SPREAD_MS = 2_000;
const EPICS = [1, 2, 3, 4, 5, 6];

const system = useSystem();

const lockFiles = async (gitDir: string) =>
  (await readdir(gitDir, { recursive: true })).filter((file) => file.endsWith('.lock'));

/** All but the worker's own, which go on running to answer. */
const left = async (path: string) =>
  (await processesOf(path)).filter(
    ({ command }) => !/^git --git-dir \S+ (cat-file|hash-object|update-ref) /.test(command),
  );

test(
  'cancelled again and again while epics start: nothing runs on, the next session does the rest, each task once',
  async () => {
    const project = projectName();
    const { path } = await newRepository();
    const gate = `${system.folder}/go-${project}`;
    const action = (id: number) =>
      `echo half > f${id}; sleep 600 & test -e ${gate} || sleep 600; echo ${id} > f${id}`;
    await system.import(
      planOf(
        project,
        EPICS.map((id) => ({ id, epic: id, action: action(id) })),
      ),
      path,
    );
    for (let n = 0; n < TRIES; n++) {
      const handle = await system.start({ project, parallel: true, maxConcurrency: 6 });
      await sleep(random(SEED, n) * SPREAD_MS);
      await handle.cancel();
      await handle.result().catch(() => undefined);
      const told = { try: n, ended: (await handle.describe()).status.name };
      expect(told).toEqual({ try: n, ended: 'CANCELLED' });
      expect({ n, left: await left(path) }).toEqual({ n, left: [] });
      expect({ n, locks: await lockFiles(`${path}/.git`) }).toEqual({ n, locks: [] });
      const { rows } = await system.db.query(
        `select s.id from yokeflow.sessions s join yokeflow.projects p on p.id = s.project_id
         where p.name = $1 and s.ended_at is null`,
        [project],
      );
      expect({ n, open: rows }).toEqual({ n, open: [] });
    }
    expect(await git(path, 'status', '--porcelain')).toBe('');
    await writeFile(gate, '');
    expect((await system.run({ project, parallel: true, maxConcurrency: 6 })).outcome).toBe('complete');
    for (const id of EPICS) expect(await git(path, 'show', `main:f${id}`)).toBe(String(id));
    const subjects = (await git(path, 'log', '--no-merges', '--format=%s', 'main')).split('\n').sort();
    expect(subjects).toEqual([...EPICS.map((id) => `Task ${id}`), 'start']);
    expect(await git(path, 'fsck', '--full', '--no-dangling')).toBe('');
  },
  120_000 + TRIES * 15_000,
);

test('a sequential session that is cancelled: what main has by then has landed', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const begun = `${system.folder}/begun-${project}`;
  const second = `test -e ${begun} || { touch ${begun}; sleep 600; }; echo 2 > f2`;
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: 'echo 1 > f1' },
      { id: 2, epic: 1, action: second, after: [1] },
    ]),
    path,
  );
  const handle = await system.start({ project });
  while (
    !(await access(begun).then(
      () => true,
      () => false,
    ))
  )
    await sleep(50);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  const { stdout } = await cli(['status', '--project', project], endpointsOf(system.databaseUrl));
  expect(stdout).toContain('Epic 1 Part 1  landed (1 of 2 tasks)\n');
  expect(await git(path, 'show', 'main:f1')).toBe('1');
  expect(await git(path, 'branch', '--list')).toBe('* main');
  expect(await system.run({ project })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'log', '--format=%s', 'main')).toBe('Task 2\nTask 1\nstart');
});
