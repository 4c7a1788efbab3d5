import { ApplicationFailure } from '@temporalio/common';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listAttempts } from '../../db/task/attempts';
import { listResolutions } from '../../db/landing/merge-attempts';
import { sessionSummary } from '../../db/session/summary';
import { findProject } from '../../db/project/projects';
import { getTask } from '../../db/task/tasks';
import {
  git,
  newRepository,
  removeTemporaryFolders,
  repositoryWithSubmodules,
  temporaryFolder,
  write,
} from '../support/git-repository';
import { changeLine, conflictBy, conflictPlan } from '../support/conflict';
import { untilAllBegun } from '../support/meeting';
import type { Plan } from '../../domain/plan/plan';
import { planOf } from '../support/plans';
import { expectDependenciesContained } from '../support/invariants';
import { projectName, startSystem, type System } from '../support/system';

/** What the agent does is a script that the test writes: it finds the prompt in $PROMPT. */
let agent: string;
let system: System;
let lostAtConflict = false;
/** Mends end as errors that nobody tries again. */
let brokenMends = false;
/** What somebody does before the first agent begins to settle a merge. */
let meanwhile: (() => Promise<unknown>) | null = null;
beforeAll(async () => {
  agent = join(await temporaryFolder(), 'agent.sh');
  const environment = { ...process.env, YOKEFLOW_AGENT_COMMAND: `bash ${agent}` };
  system = await startSystem({
    environment,
    around: (activities) => ({
      ...activities,
      async runTask(input) {
        const outcome = await activities.runTask(input);
        if (outcome.kind === 'conflict' && lostAtConflict) {
          lostAtConflict = false;
          throw new Error('lost after the conflict was on record');
        }
        return outcome;
      },
      async mendEpic(input) {
        const first = meanwhile;
        meanwhile = null;
        await first?.();
        const outcome = activities.mendEpic(input);
        return brokenMends
          ? outcome.catch((error: Error) => Promise.reject(ApplicationFailure.nonRetryable(error.message)))
          : outcome;
      },
    }),
  });
});
afterAll(async () => {
  await system.close();
  await removeTemporaryFolders();
});

const SECRET = `sk-ant-${'a1'.repeat(20)}`;

const agentDoes = (script: string) =>
  write(join(agent, '..'), { 'agent.sh': `PROMPT=$(cat)\n${script}\n`, tries: null }).catch(() =>
    write(join(agent, '..'), { 'agent.sh': `PROMPT=$(cat)\n${script}\n` }),
  );

const conflictOf = (project: string) => conflictBy(join(system.folder, project));

/** A third task that only both changes satisfy. */
const NEEDS_BOTH = 'grep "two zwei" a.txt > found.txt';

const landingConflict = (project: string, extra: Partial<Plan> = {}) =>
  conflictPlan(project, join(system.folder, project), extra);

/** A third task needs what two others have made of the same line. */
function dependencyConflict(project: string, third = 'touch found.txt') {
  const { begin, untilBegun } = conflictOf(project);
  return planOf(project, [
    { id: 1, epic: 1, action: `${untilBegun}; ${changeLine('two')}` },
    { id: 2, epic: 2, action: `${begin}; ${changeLine('zwei')}` },
    { id: 3, epic: 2, action: third, after: [1, 2] },
  ]);
}

async function settleByHand(path: string) {
  const worktree = `${path}/.worktrees/epic-2-part-2`;
  await write(worktree, { 'a.txt': '1\ntwo zwei\n3\n' });
  await git(worktree, 'commit', '-aqm', 'both');
}

async function resolutionsOf(project: string, epic: number) {
  const { id: projectId } = (await findProject(system.db, project))!;
  return { projectId, resolutions: await listResolutions(system.db, { projectId, epic }) };
}

async function triesOf(project: string, task: number) {
  const { id: projectId } = (await findProject(system.db, project))!;
  return listAttempts(system.db, (await getTask(system.db, { projectId, task })).id);
}

test('a conflict: what keeps one side only is refused, what keeps both lands, and what else it drops is named', async () => {
  await agentDoes(`
    tries=$(dirname $0)/tries; echo x >> $tries
    case "$PROMPT" in *"Resolve a merge conflict"*a.txt*) ;; *) echo "what is this?"; exit 1 ;; esac
    if [ $(wc -l < $tries) = 1 ]; then git checkout -q --ours a.txt
    else case "$PROMPT" in *"drops all that others did in a.txt"*) printf '1\\ntwo zwei\\n3\\n' > a.txt; echo mine > b.txt ;; esac; fi
    git add a.txt b.txt`);
  const project = projectName();
  const { path } = await newRepository();
  const { untilBegun, untilLanded } = conflictOf(project);
  await system.import(
    planOf(project, [
      {
        id: 1,
        epic: 1,
        action: `${untilBegun}; sed -i 's/2/two/' a.txt; printf 'one\\nkey ${SECRET}\\n' > b.txt`,
      },
      { id: 2, epic: 2, action: `${untilLanded}; sed -i 's/2/zwei/' a.txt` },
    ]),
    path,
  );
  const ended = await system.run({ project, parallel: true, agent: 'command' });
  expect(ended).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo zwei\n3');
  const { projectId, resolutions } = await resolutionsOf(project, 2);
  const dropped = [{ path: 'b.txt', count: 2, lines: ['one', 'key [redacted]'] }];
  expect(resolutions).toEqual([
    expect.objectContaining({ agent: 'command', files: [{ path: 'a.txt', kind: 'contents' }], dropped }),
  ]);
  const { rows: told } = await system.db.query(
    `select data -> 'dropped' as dropped from yokeflow.events e join yokeflow.sessions s on s.id = e.session_id
     where s.project_id = $1 and e.type = 'merge_started' and data ->> 'mend' = 'done'`,
    [projectId],
  );
  expect(told).toEqual([{ dropped }]);
  const { epics } = await sessionSummary(system.db, ended.result!.sessionId);
  expect(epics.map((epic) => epic.dropped)).toEqual([undefined, dropped]);
  expect(resolutions[0]!.diff).toContain('+two zwei');
  expect(resolutions[0]!.diff).toContain('-<<<<<<<');
  const task = await getTask(system.db, { projectId, task: 2 });
  expect(task.status).toBe('complete');
  const tries = await triesOf(project, 2);
  expect(tries.map(({ purpose, status, reason }) => [purpose, status, reason])).toEqual([
    ['task', 'complete', null],
    ['merge', 'failed', 'drops all that others did in a.txt'],
    ['merge', 'complete', null],
  ]);
  expect(await git(path, 'worktree', 'list', '--porcelain')).not.toContain('.worktrees');
}, 120_000);

test('a resolution that would put what came from the checkout into history is refused', async () => {
  await agentDoes(`
    tries=$(dirname $0)/tries; echo x >> $tries
    printf '1\\ntwo zwei\\n3\\n' > a.txt; git add a.txt
    if [ $(wc -l < $tries) = 1 ]; then git add --force .env; fi`);
  const project = projectName();
  const { path } = await newRepository({
    'a.txt': '1\n2\n3\n',
    '.gitignore': '.env\n',
    '.worktreeinclude': '.env\n',
  });
  await write(path, { '.env': 'SECRET=1\n' });
  await system.import(landingConflict(project), path);
  expect(await system.run({ project, parallel: true, agent: 'command' })).toMatchObject({
    outcome: 'complete',
  });
  expect(await git(path, 'log', 'main', '--format=%H', '--', '.env')).toBe('');
  const tries = await triesOf(project, 2);
  expect(tries.map(({ purpose, reason }) => [purpose, reason])).toEqual([
    ['task', null],
    ['merge', expect.stringMatching(/^\.env would become part of the commit/)],
    ['merge', null],
  ]);
}, 120_000);

test('a refused record in the middle of settling a merge: that it is settled is told all the same, and once', async () => {
  await agentDoes(`printf '1\\ntwo zwei\\n3\\n' > a.txt; git add a.txt`);
  const project = projectName();
  const { path } = await newRepository();
  await system.db.query('create sequence yokeflow.refused_mends');
  await system.db.query(`create function yokeflow.refuse_mend_once() returns trigger language plpgsql as $$
    begin
      if nextval('yokeflow.refused_mends') = 1 then raise exception 'not now'; end if;
      return new;
    end $$`);
  await system.db.query(`create trigger refuse_mend_once before insert on yokeflow.events
    for each row when (new.data ->> 'mend' = 'done') execute function yokeflow.refuse_mend_once()`);
  await system.import(landingConflict(project), path);
  const ended = await system.run({ project, parallel: true, agent: 'command' });
  expect(ended).toMatchObject({ outcome: 'complete' });
  const { rows: told } = await system.db.query(
    `select data ->> 'mend' as mend from yokeflow.events where session_id = $1 and data ? 'mend' order by seq`,
    [ended.result!.sessionId],
  );
  expect(told).toEqual([{ mend: 'started' }, { mend: 'done' }]);
  await system.db.query('drop trigger refuse_mend_once on yokeflow.events');
}, 120_000);

test('green alone, red together: the agent gets the output, and what it adds lands with the epic', async () => {
  await agentDoes(`
    case "$PROMPT" in *"do not work together"*"no glue between left and right"*) touch glue ;; esac`);
  const project = projectName();
  const { path } = await newRepository();
  const meet = untilAllBegun(join(system.folder, project), 2);
  await system.import(
    planOf(
      project,
      ['left', 'right'].map((file, index) => ({
        id: index + 1,
        epic: index + 1,
        action: `${meet}; touch ${file}`,
      })),
      {
        verify:
          'if [ -e left ] && [ -e right ] && [ ! -e glue ]; then echo no glue between left and right; exit 1; fi',
      },
    ),
    path,
  );
  const ended = await system.run({ project, parallel: true, agent: 'command', mergeStrategy: 'squash' });
  expect(ended).toMatchObject({ outcome: 'complete' });
  expect((await git(path, 'ls-tree', '--name-only', 'main')).split('\n')).toEqual([
    'a.txt',
    'glue',
    'left',
    'right',
  ]);
  expect(await git(path, 'log', '--format=%P', '--min-parents=2', 'main')).toBe('');
}, 120_000);

test.each([
  ['', false],
  [', also when the worker is lost then', true],
])(
  'a dependency that conflicts with what its dependant has: settled before the task starts%s',
  async (_, lost) => {
    lostAtConflict = lost;
    await agentDoes(`printf '1\\ntwo zwei\\n3\\n' > a.txt; git commit -qam "as I see it"`);
    const project = projectName();
    const { path } = await newRepository();
    await system.import(dependencyConflict(project, NEEDS_BOTH), path);
    const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
    expect(lostAtConflict).toBe(false);
    expect(ended).toMatchObject({ outcome: 'complete' });
    expect(await git(path, 'show', 'main:found.txt')).toBe('two zwei');
    await expectDependenciesContained(system.db, project, path);
  },
  120_000,
);

test("a dependency's conflict whose agent ends without an outcome: what it made is undone and kept, and its try is over", async () => {
  await agentDoes(
    `printf '1\\ntwo zwei\\n3\\n' > a.txt; git commit -qam "as I see it"; echo left > left.txt`,
  );
  const project = projectName();
  const { path } = await newRepository();
  await system.import(dependencyConflict(project), path);
  await system.db.query(`create function yokeflow.refuse_ends() returns trigger language plpgsql as $$
    begin raise exception 'nobody hears of its end'; end $$`);
  await system.db.query(`create trigger refuse_ends before update of agent_ended_at on yokeflow.task_attempts
    for each row when (new.purpose = 'merge') execute function yokeflow.refuse_ends()`);
  brokenMends = true;
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
  brokenMends = false;
  await system.db.query('drop trigger refuse_ends on yokeflow.task_attempts');
  expect(ended).toMatchObject({ outcome: 'SessionIncomplete', result: { tasks: { failed: 1 } } });
  const [, mend] = await triesOf(project, 3);
  expect(mend).toMatchObject({ purpose: 'merge', status: expect.stringMatching(/failed|abandoned/) });
  expect(await git(path, 'log', '-1', '--format=%s', 'epic-2-part-2')).toBe('Task 2');
  expect(await git(`${path}/.worktrees/epic-2-part-2`, 'status', '--porcelain')).toBe('');
  expect(await git(path, 'ls-tree', '--name-only', 'refs/yokeflow/wip/3/2')).toContain('left.txt');
}, 120_000);

test('a conflict in many files: the reason names some of them', async () => {
  const project = projectName();
  const { path } = await newRepository();
  const { begin, untilBegun } = conflictOf(project);
  const write = (what: string) => `for n in $(seq 60); do echo ${what} > c$n.txt; done`;
  await system.import(
    planOf(project, [
      { id: 1, epic: 1, action: `${untilBegun}; ${write('one')}` },
      { id: 2, epic: 2, action: `${begin}; ${write('two')}` },
      { id: 3, epic: 2, action: 'touch found.txt', after: [1, 2] },
    ]),
    path,
  );
  const { result } = await system.run({ project, parallel: true, onConflict: 'fail' });
  expect(result!.problems).toMatchObject([
    {
      task: 3,
      reason: expect.stringMatching(/conflicts with what it depends on in c1.txt, .* and 50 more; /),
    },
  ]);
}, 120_000);

test("a dependency's conflict that a person settles before an agent begins: none is asked, and the task goes on", async () => {
  await agentDoes('exit 1');
  const project = projectName();
  const { path } = await newRepository();
  await system.import(dependencyConflict(project, NEEDS_BOTH), path);
  meanwhile = () => settleByHand(path);
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
  expect(ended).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:found.txt')).toBe('two zwei');
});

test("a landing's conflict that a person settles before an agent begins: none is asked, and what they made lands", async () => {
  await agentDoes('exit 1');
  const project = projectName();
  const { path } = await newRepository();
  await system.import(landingConflict(project), path);
  meanwhile = () => settleByHand(path);
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
  expect(ended).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo zwei\n3');
});

test('a conflict that a person has begun to resolve before an agent begins: it is left to them', async () => {
  await agentDoes(`printf '1\\ntwo zwei\\n3\\n' > a.txt; git add a.txt`);
  const project = projectName();
  const { path } = await newRepository();
  await system.import(landingConflict(project), path);
  const worktree = `${path}/.worktrees/epic-2-part-2`;
  meanwhile = () => write(worktree, { 'a.txt': '1\nby hand\n3\n' });
  const input = { project, parallel: true, agent: 'command' as const };
  const ended = await system.run(input);
  expect(ended.result!.epics).toContainEqual(expect.objectContaining({ epic: 2, status: 'conflict' }));
  expect(await git(worktree, 'diff', '--name-only', '--diff-filter=U')).toBe('a.txt');
  await git(worktree, 'commit', '-aqm', 'by hand');
  expect(await system.run(input)).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\nby hand\n3');
}, 120_000);

test('a worktree that somebody deletes before an agent begins: made anew, and set up again', async () => {
  await agentDoes(`test -e deps && printf '1\\ntwo zwei\\n3\\n' > a.txt && git add a.txt`);
  const project = projectName();
  const { path } = await newRepository({ 'a.txt': '1\n2\n3\n', '.gitignore': 'deps\n' });
  await system.import(landingConflict(project, { setup: 'echo 1 > deps' }), path);
  meanwhile = () => rm(`${path}/.worktrees/epic-2-part-2`, { recursive: true });
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
  expect(ended).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo zwei\n3');
});

test('an agent that deletes the worktree: the conflict is there again for a person', async () => {
  await agentDoes('W=$PWD; cd /; rm -rf "$W"');
  const project = projectName();
  const { path } = await newRepository();
  await system.import(landingConflict(project), path);
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 1 });
  expect(ended.result!.epics).toContainEqual(expect.objectContaining({ epic: 2, status: 'conflict' }));
  expect(await git(`${path}/.worktrees/epic-2-part-2`, 'status', '--porcelain')).toBe('UU a.txt');
});

test('what an agent leaves uncommitted in a submodule is refused, and what it commits there is kept', async () => {
  await agentDoes(`
    tries=$(dirname $0)/tries; echo x >> $tries
    printf '1\\ntwo zwei\\n3\\n' > a.txt
    echo new > libs/lib/new.txt
    if [ $(wc -l < $tries) = 2 ]; then git -C libs/lib add new.txt; git -C libs/lib commit -qm new; fi
    git add a.txt libs/lib`);
  const project = projectName();
  const { path } = await repositoryWithSubmodules();
  const verify = '! grep -q "two zwei" a.txt || test -e libs/lib/new.txt';
  await system.import(landingConflict(project, { verify }), path);
  const ended = await system.run({ project, parallel: true, agent: 'command', maxAttempts: 2 });
  expect(ended).toMatchObject({ outcome: 'complete' });
  const tries = await triesOf(project, 2);
  expect(tries.slice(1).map(({ reason }) => reason)).toEqual([
    'libs/lib/new.txt in a submodule would be lost: commit in the submodule what is to stay, and remove the rest',
    null,
  ]);
}, 120_000);

test("a dependency's conflict that nobody can settle: the task fails, and no other try is announced", async () => {
  const project = projectName();
  const { path } = await newRepository();
  await system.import(dependencyConflict(project), path);
  const ended = await system.run({ project, parallel: true });
  expect(ended).toMatchObject({ outcome: 'SessionIncomplete', result: { tasks: { failed: 1 } } });
  const { rows } = await system.db.query<{ type: string }>(
    'select type from yokeflow.events where session_id = $1 and task_number = 3 order by seq',
    [ended.result!.sessionId],
  );
  expect(rows.map(({ type }) => type)).toEqual(['task_started', 'merge_conflict', 'task_failed']);
}, 120_000);

test('an agent that leaves markers, gives the merge up or does nothing: the conflict waits for a person, as ever', async () => {
  await agentDoes(`
    tries=$(dirname $0)/tries; echo x >> $tries
    case $(wc -l < $tries) in 1) git add -A; git commit -qm done ;; 2) git merge --abort ;; esac`);
  const project = projectName();
  const { path } = await newRepository();
  await system.import(landingConflict(project), path);
  const ended = await system.run({ project, parallel: true, agent: 'command' });
  expect(ended.outcome).toBe('SessionIncomplete');
  expect(ended.result!.epics).toContainEqual(expect.objectContaining({ epic: 2, status: 'conflict' }));
  expect(await git(path, 'show', 'main:a.txt')).toBe('1\ntwo\n3');
  expect(await git(`${path}/.worktrees/epic-2-part-2`, 'status', '--porcelain')).toBe('UU a.txt');
  expect((await triesOf(project, 2)).slice(1).map(({ reason }) => reason)).toEqual([
    'conflict markers are still in a.txt',
    'the merge was given up',
    'conflict markers are still in a.txt',
  ]);
}, 120_000);
