import { ApplicationFailure } from '@temporalio/common';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listEvents } from '../../db/events/events';
import { withRepositoryLock } from '../../db/landing/repository-lock';
import { listVerifications } from '../../db/landing/verifications';
import type { RunInput } from '../../domain/session/run-input';
import { retryMergeUpdate, statusQuery } from '../../workflows/messages';
import { git, newRepository, write } from '../support/git-repository';
import { conflictBy } from '../support/conflict';
import { planOf } from '../support/plans';
import { endOf, projectName, startSystem, useSystem } from '../support/system';

const system = useSystem();

const EPICS = 10;

/** The first verification waits until the session knows every task as done: by then, all other epics wait to be merged. */
async function runGated(path: string, check: string, options: Partial<RunInput> = {}) {
  const project = projectName();
  const gate = join(system.folder, project);
  const tasks = Array.from({ length: EPICS }, (_, index) => index + 1).map((id) => ({
    id,
    epic: id,
    action: `echo ${id} > f${id}`,
    verify: 'true',
  }));
  const verify = `until [ -e ${gate} ]; do sleep 0.1; done; ${check}`;
  await system.import(planOf(project, tasks, { verify }), path);
  const handle = await system.start({ project, parallel: true, maxConcurrency: EPICS, ...options });
  const done = async () =>
    (await handle.query(statusQuery)).tasks.filter(({ status }) => status === 'complete').length;
  while ((await done()) < EPICS) await new Promise((resolve) => setTimeout(resolve, 50));
  await writeFile(gate, '');
  return endOf(handle.result());
}

const landedEpics = async (path: string) =>
  (
    await git(
      path,
      'log',
      '--first-parent',
      '--format=%(trailers:key=YokeFlow-Epic,valueonly,separator=)',
      'main',
    )
  )
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);

test('ten green epics: about two verifications; each has its own commit on main', async () => {
  const { path } = await newRepository();
  const { outcome, result } = await runGated(path, 'true');
  expect(outcome).toBe('complete');
  expect(await landedEpics(path)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const verifications = await listVerifications(system.db, result!.sessionId);
  expect(verifications.flatMap(({ epics }) => epics)).toHaveLength(EPICS);
  expect(verifications.length).toBeLessThanOrEqual(4);
  expect(await git(path, 'rev-parse', 'main^{tree}')).toBe(verifications.at(-1)!.tree);
}, 180_000);

/** A first stack of what was ready early, the red one, its halves, the retry, and what a half left behind. */
const MOST_WITH_A_CULPRIT = 2 + Math.ceil(Math.log2(EPICS)) + 1 + 2;

test('one red among ten: it alone is held, found with log2(n) verifications more', async () => {
  const { path } = await newRepository();
  const { result } = await runGated(path, 'if [ -e f7 ]; then echo f7 is bad; exit 1; fi');
  expect(await landedEpics(path)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10]);
  expect(result!.epics.filter(({ mergeCommit }) => !mergeCommit)).toEqual([
    expect.objectContaining({ epic: 7, status: 'blocked', reason: expect.stringContaining('f7 is bad') }),
  ]);
  const verifications = await listVerifications(system.db, result!.sessionId);
  expect(verifications.length).toBeLessThanOrEqual(MOST_WITH_A_CULPRIT);
}, 180_000);

test('what verify prints as it fails may hold what no database stores: the epic waits like any other', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const tasks = [{ id: 1, epic: 1, action: 'echo 1 > f1', verify: 'true' }];
  const verify = "if [ -e f1 ]; then printf 'bad \\0 byte'; exit 1; fi";
  await system.import(planOf(project, tasks, { verify }), path);
  const { outcome, result } = await system.run({ project, parallel: true, onConflict: 'fail' });
  expect(outcome).toBe('SessionIncomplete');
  expect(result!.epics).toMatchObject([
    { epic: 1, status: 'blocked', reason: expect.stringContaining('bad \ufffd byte') },
  ]);
});

test.each([
  ['a conflict', 'merge_conflict', 'fail'],
  ['a file in the way', 'attention_needed', 'fail'],
] as const)(
  'a landing that is done again after it found %s tells of that once, and that it began',
  async (what, type, onConflict) => {
    const project = projectName();
    const { path } = await newRepository({ 'a.txt': 'old\n' });
    const { untilBegun, untilLanded } = conflictBy(join(system.folder, project));
    const [first, second] =
      what === 'a conflict'
        ? [`${untilBegun}; echo 1 > a.txt`, `${untilLanded}; echo 2 > a.txt`]
        : ['echo 1 > f1', 'echo 2 > f2'];
    const tasks = [
      { id: 1, epic: 1, action: first },
      { id: 2, epic: 2, action: second },
    ];
    if (what === 'a file in the way') await write(path, { f2: 'mine' });
    await system.db.query('create sequence yokeflow.refused_releases');
    await system.db
      .query(`create function yokeflow.refuse_release_once() returns trigger language plpgsql as $$
      begin
        if exists (select from yokeflow.events where type = '${type}' and new.holder = 'landing of session ' || session_id)
          and nextval('yokeflow.refused_releases') = 1 then raise exception 'not now'; end if;
        return new;
      end $$`);
    await system.db.query(`create trigger refuse_release_once before update of released_at on yokeflow.leases
      for each row when (new.holder like 'landing of%' and new.released_at is not null) execute function yokeflow.refuse_release_once()`);
    await system.import(planOf(project, tasks), path);
    const { result } = await system.run({ project, parallel: true, onConflict });
    expect(result!.epics.map(({ status }) => status).sort()).toEqual([
      what === 'a conflict' ? 'conflict' : 'blocked',
      'merged',
    ]);
    await system.db.query('drop trigger refuse_release_once on yokeflow.leases');
    await system.db.query('drop function yokeflow.refuse_release_once');
    const { rows } = await system.db.query<{ refused: boolean }>(
      'select is_called as refused from yokeflow.refused_releases',
    );
    expect(rows).toEqual([{ refused: true }]);
    await system.db.query('drop sequence yokeflow.refused_releases');
    const events = await listEvents(system.db, { sessionId: result!.sessionId });
    expect(events.filter((event) => event.type === type)).toHaveLength(1);
    const begun = events
      .filter((event) => event.type === 'merge_started')
      .map(({ data }) => String(data.epics));
    expect(new Set(begun).size).toBe(begun.length);
  },
);

test('two epics green alone and red together, squashed: one is held with the output, found by halving; main stays green', async () => {
  const { path } = await newRepository();
  const check = 'if [ -e f3 ] && [ -e f8 ]; then echo "f3 and f8 do not get along"; exit 1; fi';
  const { outcome, result } = await runGated(path, check, { mergeStrategy: 'squash' });
  expect(outcome).toBe('SessionIncomplete');
  const files = (await git(path, 'ls-tree', '--name-only', 'main')).split('\n');
  expect(files.filter((file) => /^f\d+$/.test(file))).toHaveLength(EPICS - 1);
  expect(['f3', 'f8'].filter((file) => files.includes(file))).toHaveLength(1);
  const held = result!.epics.filter(({ status }) => status === 'blocked');
  expect(held).toEqual([
    expect.objectContaining({ reason: expect.stringContaining('f3 and f8 do not get along') }),
  ]);
  expect([3, 8]).toContain(held[0]!.epic);
  const verifications = await listVerifications(system.db, result!.sessionId);
  expect(verifications.length).toBeLessThanOrEqual(MOST_WITH_A_CULPRIT);
  const red = verifications.filter(({ passed }) => !passed);
  expect(red.at(-1)).toMatchObject({ epics: [held[0]!.epic], outputTail: 'f3 and f8 do not get along\n' });
  const green = new Set(verifications.filter(({ passed }) => passed).map(({ tree }) => tree));
  expect(green).toContain(await git(path, 'rev-parse', 'main^{tree}'));
  expect(await git(path, 'fsck', '--no-dangling')).toBe('');
}, 180_000);

test.each(['regular', 'squash'] as const)(
  '%s: the user commits to main and has edits of their own, two epics do not get along: all of it stays, byte for byte',
  async (mergeStrategy) => {
    const project = projectName();
    const { path } = await newRepository({ 'a.txt': '1\n2\n3\n', 'mine.txt': 'old\n' });
    await write(path, { 'mine.txt': 'my edit\r\n\ttab', 'untracked.bin': '\u0000\u0001' });
    const tasks = [1, 2, 3].map((id) => ({
      id,
      epic: id,
      action: `sleep ${id}; echo ${id} > f${id}`,
      verify: 'true',
    }));
    const verify = 'sleep 0.5; if [ -e f2 ] && [ -e f3 ]; then echo f2 and f3 clash; exit 1; fi';
    await system.import(planOf(project, tasks, { verify }), path);
    const handle = await system.start({ project, parallel: true, mergeStrategy });
    let ended = false;
    const run = endOf(handle.result().finally(() => (ended = true)));
    const made: string[] = [];
    const step = async () => {
      await git(path, 'add', `user-${made.length}.txt`);
      await git(path, 'commit', '--quiet', '-m', `by hand ${made.length}`, '--', `user-${made.length}.txt`);
      return git(path, 'rev-parse', 'HEAD');
    };
    let commitMade: string | null = null;
    while (!ended) {
      await write(path, { [`user-${made.length}.txt`]: `${made.length}\n` });
      // Git is in the middle of a landing: a person would try again.
      commitMade = await step().catch(() => null);
      if (commitMade) made.push(commitMade);
      // Slower and slower: on a busy machine, a landing may take longer than any fixed pause.
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * (made.length + 1), 10_000)));
    }
    const { result } = await run;
    if (!commitMade) made.push(await step());
    const held = result!.epics.filter(({ mergeCommit }) => !mergeCommit);
    expect(held).toEqual([expect.objectContaining({ reason: expect.stringContaining('f2 and f3 clash') })]);
    expect(await landedEpics(path)).toEqual([1, 2, 3].filter((epic) => epic !== held[0]!.epic));
    for (const one of made) await git(path, 'merge-base', '--is-ancestor', one, 'main');
    expect(await git(path, 'diff', '--name-only', 'HEAD')).toBe('mine.txt');
    expect(await git(path, 'hash-object', '--no-filters', 'mine.txt', 'untracked.bin')).toBe(
      `${await hashOf(path, 'my edit\r\n\ttab')}\n${await hashOf(path, '\u0000\u0001')}`,
    );
  },
  180_000,
);

async function hashOf(path: string, content: string): Promise<string> {
  await write(path, { '.git/expected': content });
  return git(path, 'hash-object', '--no-filters', '.git/expected');
}

test('main moves faster than it can be verified: it is said, by whom, and the epic lands once main rests', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const rest = join(system.folder, `${project}-rest`);
  const byHand = `cd ${path}; echo x >> moves; git add moves; git commit --quiet --no-verify -m "by hand"`;
  const verify = `[ -e ${rest} ] || { ${byHand}; }`;
  const tasks = [{ id: 1, epic: 1, action: 'echo 1 > f1', verify: 'true' }];
  await system.import(planOf(project, tasks, { verify }), path);
  const first = await system.run({ project, parallel: true });
  const moved = /^main moved (\d+) times while the merge was verified, last to \w+ "by hand" by .+: /;
  expect(first.result!.epics).toEqual([
    expect.objectContaining({ epic: 1, status: 'blocked', reason: expect.stringMatching(moved) }),
  ]);
  const told = (await listEvents(system.db, { sessionId: first.result!.sessionId }))
    .filter(({ data }) => data.outcome === 'moving')
    .map(({ data }) => moved.exec(String(data.reason))?.[1]);
  expect(told).toEqual(['3', '6', '12']);
  await writeFile(rest, '');
  expect((await system.run({ project, parallel: true })).outcome).toBe('complete');
  expect(await git(path, 'show', 'main:f1')).toBe('1');
}, 120_000);

test('verify is changed while an epic that has passed the old one waits to land: it has to pass the new one', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const tasks = [{ id: 1, epic: 1, action: 'echo 1 > f1', verify: 'true' }];
  await writeFile(join(path, 'f1'), 'in the way');
  await system.import(planOf(project, tasks, { verify: 'test -e f1' }), path);
  const handle = await system.start({ project, parallel: true, onConflict: 'wait' });
  while ((await handle.query(statusQuery)).waits.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await system.import(planOf(project, tasks, { verify: 'test -e f2' }), path);
  await rm(join(path, 'f1'));
  await handle.executeUpdate(retryMergeUpdate, { args: [1] });
  const { outcome, result } = await endOf(handle.result());
  expect(outcome).toBe('SessionIncomplete');
  expect(await landedEpics(path)).toEqual([]);
  const verifications = await listVerifications(system.db, result!.sessionId);
  expect(verifications.map(({ commands, passed }) => [...commands, passed])).toEqual([
    ['test -e f1', true],
    ['test -e f2', false],
    ['test -e f2', false],
  ]);
});

test('nobody waits for the files of the merged tree, which are deleted without the lock of the repository', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const folder = join(system.folder, project);
  await mkdir(folder);
  const [began, go] = [join(folder, 'began'), join(folder, 'go')];
  const wait = `touch ${began}; until [ -e ${go} ]; do sleep 0.05; done`;
  await writeFile(join(folder, 'rm'), `#!/bin/bash\n${wait}\nexec /bin/rm "$@"\n`, { mode: 0o755 });
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo 1 > f' }], { verify: 'true' }), path);
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  try {
    const run = system.run({ project, parallel: true });
    while (
      !(await access(began).then(
        () => true,
        () => false,
      ))
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    // Nobody holds it for so long who is not waiting for the files.
    const lock = withRepositoryLock(system.db, join(path, '.git'), () => Promise.resolve('taken'), {
      wait: 20_000,
    });
    await expect(lock.finally(() => writeFile(go, ''))).resolves.toBe('taken');
    expect(await run).toMatchObject({ outcome: 'complete' });
  } finally {
    process.env.PATH = PATH;
  }
});

test('landings whose end nobody hears of: what landed all the same has landed, the other is lost', async () => {
  const deaf = await startSystem({
    around: (activities) => ({
      ...activities,
      async landStack(input) {
        if (input.stack.length === 1 && input.stack[0]!.epic === 1) await activities.landStack(input);
        throw ApplicationFailure.nonRetryable('nobody heard of its end');
      },
    }),
  });
  try {
    const project = projectName();
    const { path } = await newRepository();
    const tasks = [1, 2].map((id) => ({ id, epic: id, action: `echo ${id} > f${id}` }));
    await deaf.import(planOf(project, tasks), path);
    const { outcome, result } = await deaf.run({ project, parallel: true });
    expect(outcome).toBe('SessionIncomplete');
    expect(await landedEpics(path)).toEqual([1]);
    expect(result!.epics).toEqual([
      { epic: 1, status: 'merged', mergeCommit: await git(path, 'rev-parse', 'main') },
      { epic: 2, status: 'lost', reason: 'nobody heard of its end' },
    ]);
  } finally {
    await deaf.close();
  }
});
