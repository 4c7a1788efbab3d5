import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitOf, isAncestor, unlanded } from '../../../git/content/commits';
import { integrationRef } from '../../../git/landing/integration';
import { landedElsewhere } from '../../../git/landing/landed-elsewhere';
import { land, landedTips, prepareStack, stackBase, startPoint } from '../../../git/landing/landing';
import type { Repository } from '../../../git/repository/repository';
import { syncDependencies } from '../../../git/worktree/sync';
import { commitTask, worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree, removeWorktree } from '../../../git/worktree/worktrees';
import * as support from '../../support/git-repository';
import { prepareLanding } from '../../support/landing';

const { commit, git, newBranch, newRepository, write } = support;
afterAll(support.removeTemporaryFolders);

const baseBranch = 'main';
const date = '2026-01-02T03:04:05Z';

async function landEpic(repo: Repository, head: string, strategy: 'regular' | 'squash') {
  const prepared = await prepareLanding(repo, { baseBranch, head, strategy, message: `Land ${head}`, date });
  if (prepared.kind !== 'candidate') return prepared;
  return land(repo, { baseBranch, candidate: prepared });
}

describe('a squash', () => {
  it('holds the solution of a conflict: what depends on both sides is not asked for it again', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'a.txt': '1\none\n3\n' });
    const two = await newBranch(repo, 'two', { 'a.txt': '1\ntwo\n3\n' });
    const path = join(repo.path, '.worktrees/epic-3-x');
    await ensureWorktree(repo, { path, branch: 'epic-3-x', start: 'main' });
    await landEpic(repo, 'one', 'squash');
    expect((await landEpic(repo, 'two', 'squash')).kind).toBe('conflict');
    const resolving = join(repo.path, '.worktrees/two');
    await ensureWorktree(repo, { path: resolving, branch: 'two', start: 'two' });
    const history = 'refs/yokeflow/integration/main';
    await git(resolving, 'merge', '--quiet', history).catch(() => undefined);
    await commit(resolving, 'both', { 'a.txt': '1\none and two\n3\n' });
    const dependencies = [one, two].map((id, at) => ({ task: at + 1, commit: id }));
    const sync = async () =>
      syncDependencies(repo, {
        worktree: path,
        branch: 'epic-3-x',
        dependencies,
        landed: await git(repo.path, 'rev-parse', history),
      });
    expect((await sync()).kind).toBe('conflict');
    await git(path, 'merge', '--abort');
    expect((await landEpic(repo, 'two', 'squash')).kind).toBe('landed');
    expect((await sync()).kind).toBe('synced');
    expect(await readFile(join(path, 'a.txt'), 'utf8')).toBe('1\none and two\n3\n');
    expect((await landEpic(repo, 'epic-3-x', 'squash')).kind).not.toBe('conflict');
  });

  it('knows what it has landed, however the repository has trailers written', async () => {
    const repo = await newRepository();
    await git(repo.path, 'config', 'trailer.separators', '=');
    await git(repo.path, 'config', 'trailer.YokeFlow-Base.key', 'Based-On= ');
    await newBranch(repo, 'epic-1-x', { b: 'b' });
    await landEpic(repo, 'epic-1-x', 'squash');
    const squash = await git(repo.path, 'rev-parse', 'main');
    expect(await landEpic(repo, 'epic-1-x', 'squash')).toEqual({ kind: 'nothing', landed: squash });
  });

  it('puts one commit on the base branch and keeps the true history aside', async () => {
    const repo = await newRepository();
    const base = await git(repo.path, 'rev-parse', 'main');
    const epic = await newBranch(repo, 'epic-1-x', { b: 'b' });
    expect((await landEpic(repo, 'epic-1-x', 'squash')).kind).toBe('landed');
    expect(await git(repo.path, 'show', '-s', '--format=%P', 'main')).toBe(base);
    const squash = await git(repo.path, 'rev-parse', 'main');
    expect(await git(repo.path, 'show', '-s', '--format=%P', integrationRef('main'))).toBe(
      `${base} ${epic} ${squash}`,
    );
    expect(await landEpic(repo, 'epic-1-x', 'squash')).toEqual({ kind: 'nothing', landed: squash });
    expect(await landedTips(repo, { baseBranch })).toEqual([
      squash,
      await commitOf(repo, integrationRef('main')),
    ]);
    const removal = { path: join(repo.path, '.worktrees', 'epic-1-x'), branch: 'epic-1-x' };
    expect(await removeWorktree(repo, { ...removal, base: ['main'] })).toMatchObject({ removed: false });
    expect(await removeWorktree(repo, { ...removal, base: await landedTips(repo, { baseBranch }) })).toEqual({
      removed: true,
    });
  });

  it('lands a chain of epics that contain each other, around foreign commits, without a false conflict', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'one', { 'a.txt': 'one\n2\n3\n' });
    await newBranch(repo, 'two', { 'a.txt': 'one, two\n2\n3\n' }, 'one');
    await newBranch(repo, 'three', { 'a.txt': 'one, two, three\n2\n3\n' }, 'two');
    expect((await landEpic(repo, 'one', 'squash')).kind).toBe('landed');
    await commit(repo.path, 'by hand', { 'hand.txt': 'h\n' });
    expect((await landEpic(repo, 'two', 'squash')).kind).toBe('landed');
    expect((await landEpic(repo, 'three', 'squash')).kind).toBe('landed');
    expect(await support.show(repo, 'main:a.txt')).toBe('one, two, three\n2\n3');
    expect(await support.show(repo, 'main:hand.txt')).toBe('h');
    expect(await git(repo.path, 'rev-list', '--count', '--min-parents=2', 'main')).toBe('0');
    const tip = await startPoint(repo, { baseBranch, strategy: 'squash' });
    expect(await git(repo.path, 'rev-parse', `${tip}^{tree}`)).toBe(
      await git(repo.path, 'rev-parse', 'main^{tree}'),
    );
  });

  it('starts over from the last common point after a forced push', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'one', { 'one.txt': '1\n' });
    await newBranch(repo, 'two', { 'two.txt': '2\n' });
    const three = await newBranch(repo, 'three', { 'three.txt': '3\n' });
    await landEpic(repo, 'one', 'squash');
    const kept = await git(repo.path, 'rev-parse', 'main');
    await landEpic(repo, 'two', 'squash');
    await git(repo.path, 'reset', '--quiet', '--hard', kept);
    await commit(repo.path, 'instead of two', { 'else.txt': 'e\n' });
    const prepared = await prepareLanding(repo, {
      baseBranch,
      head: three,
      strategy: 'squash',
      message: 'm',
      date,
    });
    expect(prepared).toMatchObject({ kind: 'candidate' });
    expect((await landEpic(repo, 'three', 'squash')).kind).toBe('landed');
    expect(await git(repo.path, 'ls-tree', '--name-only', 'main')).toBe(
      'a.txt\nelse.txt\none.txt\nthree.txt',
    );
    expect((await landEpic(repo, 'two', 'squash')).kind).toBe('landed');
    expect(await git(repo.path, 'ls-tree', '--name-only', 'main')).toContain('two.txt');
  });

  it('of an epic whose commit on the base branch was amended makes no empty commit, and holds it for landed', async () => {
    const repo = await newRepository();
    const one = await newBranch(repo, 'one', { 'one.txt': '1\n' });
    await landEpic(repo, 'one', 'squash');
    await git(repo.path, 'commit', '--quiet', '--amend', '-m', 'said better');
    const amended = await git(repo.path, 'rev-parse', 'main');
    expect(await landEpic(repo, 'one', 'squash')).toEqual({ kind: 'landed', commit: amended });
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(amended);
    const landed = await unlanded(repo, [one], await landedTips(repo, { baseBranch }));
    expect(landed.unlanded.size).toBe(0);
    expect(await landEpic(repo, 'one', 'squash')).toMatchObject({ kind: 'nothing' });

    // What goes on from it, and one that somebody picked by hand, among others in one stack.
    await newBranch(repo, 'two', { 'two.txt': '2\n' }, 'one');
    const picked = await newBranch(repo, 'picked', { 'picked.txt': 'p\n' }, one);
    await newBranch(repo, 'three', { 'three.txt': '3\n' }, 'picked');
    await git(repo.path, 'cherry-pick', picked);
    const by = await git(repo.path, 'rev-parse', 'main');
    const members = ['two', 'picked', 'three'].map((head) => ({ head, message: `Land ${head}` }));
    const request = { baseBranch, strategy: 'squash' as const, date, members };
    const stack = await prepareStack(repo, await stackBase(repo, request), request);
    expect((await land(repo, { baseBranch, candidate: stack.candidate! })).kind).toBe('landed');
    expect(await git(repo.path, 'log', '--format=%s', `${by}..main`)).toBe('Land three\nLand two');
    expect(await git(repo.path, 'ls-tree', '--name-only', 'main')).toBe(
      'a.txt\none.txt\npicked.txt\nthree.txt\ntwo.txt',
    );
  });

  it('of an epic that changes nothing is a commit all the same', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'empty', {});
    expect((await landEpic(repo, 'empty', 'squash')).kind).toBe('landed');
    expect(await git(repo.path, 'log', '-1', '--format=%s', 'main')).toBe('Land empty');
  });

  it('is to be made anew when the private history has moved meanwhile', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'one', { 'one.txt': '1\n' });
    const head = await newBranch(repo, 'two', { 'two.txt': '2\n' });
    const request = { baseBranch, head: 'one', strategy: 'squash' as const, message: 'Land one', date };
    const candidate = await prepareLanding(repo, request);
    if (candidate.kind !== 'candidate') throw new Error('it merges');
    const main = await git(repo.path, 'rev-parse', 'main');
    await landedElsewhere(repo, { baseBranch, head, by: main, date });
    expect(await land(repo, { baseBranch, candidate })).toEqual({ kind: 'moved' });
    expect(await git(repo.path, 'rev-parse', 'main')).toBe(main);
  });

  it('starts anew when the whole base branch was replaced', async () => {
    const repo = await newRepository();
    await newBranch(repo, 'one', { 'one.txt': '1\n' });
    await landEpic(repo, 'one', 'squash');
    await git(repo.path, 'checkout', '--quiet', '--orphan', 'fresh');
    const fresh = await commit(repo.path, 'fresh', { 'f.txt': 'f\n' });
    await git(repo.path, 'branch', '--quiet', '--force', 'main', fresh);
    expect(await startPoint(repo, { baseBranch, strategy: 'squash' })).toBe(fresh);
  });
});

interface Task {
  epic: number;
  dependencies: number[];
  landsAfter: boolean;
  foreign: boolean;
}

const tasks: fc.Arbitrary<Task[]> = fc.integer({ min: 3, max: 7 }).chain((count) =>
  fc.tuple(
    ...Array.from({ length: count }, (_, index) =>
      fc.record({
        epic: fc.integer({ min: 1, max: 3 }),
        dependencies: fc.uniqueArray(fc.nat(Math.max(index - 1, 0)), { maxLength: index === 0 ? 0 : 2 }),
        landsAfter: fc.boolean(),
        foreign: fc.boolean(),
      }),
    ),
  ),
);

/** Every task writes a file of its own and a line of a shared file that only its dependants change again. */
async function runPlan(repo: Repository, plan: Task[], strategy: 'regular' | 'squash') {
  const commits: string[] = [];
  for (const [task, { epic, dependencies, landsAfter, foreign }] of plan.entries()) {
    const branch = `epic-${epic}-x`;
    const worktree = join(repo.path, '.worktrees', branch);
    const start = await startPoint(repo, { baseBranch, strategy });
    await ensureWorktree(repo, { path: worktree, branch, start });
    const needed = dependencies.map((id) => ({ task: id, commit: commits[id]! }));
    const synced = await syncDependencies(repo, { worktree, branch, dependencies: needed });
    if (synced.kind !== 'synced') throw new Error(`a false conflict: ${JSON.stringify(synced)}`);
    await write(worktree, { [`task ${task}.txt`]: `${task}\n` });
    for (const id of dependencies) await write(worktree, { [`task ${id}.txt`]: `${id}\n` });
    const tree = await worktreeTree(repo, worktree);
    const made = await commitTask(repo, {
      worktree,
      branch,
      base: synced.head,
      tree,
      message: `T${task}`,
      date,
    });
    commits.push(made.commit);
    if (landsAfter) expect(['landed', 'nothing']).toContain((await landEpic(repo, branch, strategy)).kind);
    if (foreign) await commit(repo.path, 'foreign', { [`foreign ${task}.txt`]: 'f\n' });
  }
  return commits;
}

it.each(['regular', 'squash'] as const)(
  'holds for any plan: a task contains its dependencies, all of it lands, main has every file (%s)',
  async (strategy) => {
    await fc.assert(
      fc.asyncProperty(tasks, async (plan) => {
        const repo = await newRepository();
        const commits = await runPlan(repo, plan, strategy);
        for (const [task, { dependencies }] of plan.entries()) {
          for (const id of dependencies)
            expect(await isAncestor(repo, commits[id]!, commits[task]!)).toBe(true);
        }
        for (const epic of new Set(plan.map((task) => task.epic))) {
          expect(['landed', 'nothing']).toContain((await landEpic(repo, `epic-${epic}-x`, strategy)).kind);
        }
        const left = await unlanded(repo, commits, await landedTips(repo, { baseBranch }));
        expect(left).toEqual({ unlanded: new Set(), missing: new Set() });
        const files = plan.flatMap((task, id) => [
          `task ${id}.txt`,
          ...(task.foreign ? [`foreign ${id}.txt`] : []),
        ]);
        const names = (await git(repo.path, 'ls-tree', '--name-only', 'main')).split('\n');
        expect(names.sort()).toEqual(['a.txt', ...files].sort());
        expect(await git(repo.path, 'status', '--porcelain')).toBe('');
      }),
      { numRuns: 6 },
    );
  },
  120_000,
);
