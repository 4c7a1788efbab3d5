import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withRepositoryLock } from '../../../db/landing/repository-lock';
import { exists } from '../../../git/repository/exists';
import { openDatabase, type Database } from '../../../db/connection/connection';
import { listLeases, takeLease } from '../../../db/worktree/leases';
import { getProject } from '../../../db/project/projects';
import { cleanWorktrees } from '../../../client/worktrees/clean';
import { recoverWorktrees } from '../../../client/worktrees/recover';
import { createGh } from '../../../hosting/gh';
import { asOwner } from '../../../client/worktrees/lease';
import { importPlan } from '../../../db/plan/plan-import';
import { setWorktreeNote, setWorktreeStatus } from '../../../db/worktree/worktree-status';
import { getWorktree, upsertWorktree } from '../../../db/worktree/worktrees';
import type { Repository } from '../../../git/repository/repository';
import { addScratchWorktree } from '../../../git/worktree/scratch-worktree';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import {
  commit,
  git,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from '../../support/git-repository';
import { testDatabase, type TestDatabase } from '../../support/services';
import { marker, processesWith } from '../../agents/cli/processes';
import { cli, endpointsOf } from '../captured-cli';

let database: TestDatabase;
let db: Database;
let repository: Repository;
let projectId: number;

beforeEach(async () => {
  database = await testDatabase();
  db = openDatabase(database.url);
  repository = await newRepository();
  const epics = [
    { id: 1, name: 'One', tasks: [] },
    { id: 2, name: 'Two', tasks: [] },
  ];
  const plan = { project: 'shop', epics };
  ({ projectId } = await importPlan(db, { plan, repository: { ...repository, baseBranch: 'main' } }));
});
afterEach(async () => {
  await db.close();
  await database.drop();
});
afterAll(removeTemporaryFolders);

async function worktrees(...argv: string[]) {
  return cli(['worktrees', ...argv, '--project', 'shop'], endpointsOf(database.url));
}

/** An epic's worktree on disk, in git and in the database, level with the base branch. */
async function givenWorktree(epic: number): Promise<{ id: number; path: string; branch: string }> {
  const branch = epic === 1 ? 'epic-1-one' : 'epic-2-two';
  const path = join(repository.path, '.worktrees', branch);
  await ensureWorktree(repository, { path, branch, start: 'refs/heads/main' });
  const { id } = await upsertWorktree(db, { projectId, epic, path, branchName: branch });
  return { id, path, branch };
}

const statusOf = async (epic: number) => (await getWorktree(db, { projectId, epic }))?.status;

it('recovers nothing once it is told to stop, as while it waits for others to notice a take-over', async () => {
  const { path } = await givenWorktree(1);
  await rm(path, { recursive: true });
  const scratch = join(repository.path, '.worktrees', '.verify');
  await addScratchWorktree(repository, { path: scratch, commit: 'main' });
  const project = await getProject(db, 'shop');
  const stopped = { gh: createGh({}), signal: AbortSignal.abort() };
  expect(await recoverWorktrees(db, project, stopped)).toEqual({ recovered: [], cleaned: [], problems: [] });
  expect(await exists(scratch)).toBe(true);
});

it('lists what there is, and what is not committed', async () => {
  const { path } = await givenWorktree(1);
  await write(path, { 'new.txt': 'x' });
  await givenWorktree(2);
  const listed = JSON.parse((await worktrees('list', '--json')).stdout) as object[];
  expect(listed).toMatchObject([
    {
      epic: 1,
      branch: 'epic-1-one',
      status: 'active',
      onDisk: true,
      dirty: true,
      sizeBytes: expect.any(Number),
    },
    { epic: 2, branch: 'epic-2-two', status: 'active', onDisk: true, dirty: false },
  ]);
});

it('clean removes what holds nothing, and keeps what is unmerged or uncommitted', async () => {
  const one = await givenWorktree(1);
  await commit(one.path, 'work', { 'new.txt': 'x' });
  const two = await givenWorktree(2);
  const [kept, removed] = (await worktrees('clean', '--dry-run')).stdout.split('\n');
  expect(kept).toBe(`would keep ${one.path}: branch epic-1-one has commits that are not merged`);
  expect(removed).toMatch(new RegExp(`^would remove ${two.path} \\(\\d+ kB\\)$`));
  expect(await statusOf(2)).toBe('active');
  expect((await worktrees('clean')).stdout.replace(/ \(\d+ kB\)/, '')).toBe(
    `kept ${one.path}: branch epic-1-one has commits that are not merged\nremoved ${two.path}`,
  );
  expect([await statusOf(1), await statusOf(2)]).toEqual(['active', 'removed']);
});

it('list tells size, age and what a person should know; all together they are summed up', async () => {
  const { id } = await givenWorktree(1);
  await setWorktreeNote(db, { worktreeId: id, note: 'submodule lib is empty' });
  await givenWorktree(2);
  const lines = (await worktrees('list')).stdout.split('\n');
  expect(lines[0]).toMatch(/^epic-1-one {2}active, clean, \d+ kB, 0 min old$/);
  expect(lines[2]).toBe('  submodule lib is empty');
  expect(lines.at(-1)).toMatch(/^2 worktrees, \d+ kB$/);
});

it('clean runs the cleanup command of the project first; where that fails the worktree stays, but for --force', async () => {
  const { path } = await givenWorktree(1);
  const set = (cleanup: string) => db.query('update yokeflow.projects set cleanup = $1', [cleanup]);
  await set('echo no such database >&2; exit 4');
  expect((await worktrees('clean')).stdout).toBe(
    `kept ${path}: cleanup ended with exit code 4: no such database (--force removes it all the same)`,
  );
  await set('echo "$YOKEFLOW_SLUG" > "$YOKEFLOW_WORKTREE/../../.git/cleaned"');
  expect((await worktrees('clean', '--dry-run')).stdout).toContain('would remove');
  await expect(readFile(join(repository.gitDir, 'cleaned'))).rejects.toThrow('ENOENT');
  expect((await worktrees('clean')).stdout).toContain(`removed ${path}`);
  expect(await readFile(join(repository.gitDir, 'cleaned'), 'utf8')).toBe('shop_epic1\n');
});

it('the cleanup command gets the way out of the network, and nothing that it starts runs on', async () => {
  const { path } = await givenWorktree(1);
  const folder = await temporaryFolder();
  const left = marker();
  const cleanup = `echo "$HTTPS_PROXY" > ${folder}/proxy; sleep ${left} > ${folder}/out 2>&1 &`;
  await db.query('update yokeflow.projects set cleanup = $1', [cleanup]);
  const before = process.env.HTTPS_PROXY;
  process.env.HTTPS_PROXY = 'http://proxy.example:3128';
  try {
    expect((await worktrees('clean')).stdout).toContain(`removed ${path}`);
  } finally {
    if (before === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = before;
  }
  expect(await readFile(join(folder, 'proxy'), 'utf8')).toBe('http://proxy.example:3128\n');
  expect(await processesWith(left)).toEqual([]);
});

it('an interrupted clean ends the cleanup command, and leaves this worktree and the others', async () => {
  const { path } = await givenWorktree(1);
  await givenWorktree(2);
  const began = join(await temporaryFolder(), 'began');
  await db.query('update yokeflow.projects set cleanup = $1', [`touch ${began}; sleep 300`]);
  const interrupt = new AbortController();
  const request = { epics: [], dryRun: false, force: true, signal: interrupt.signal };
  const cleaned = cleanWorktrees(db, await getProject(db, 'shop'), request);
  while (!(await exists(began))) await sleep(20);
  interrupt.abort();
  expect(await cleaned).toEqual([
    expect.objectContaining({ path, removed: false, reason: 'cleanup was interrupted' }),
  ]);
  expect([await statusOf(1), await statusOf(2)]).toEqual(['active', 'active']);
  expect((await listLeases(db, projectId))[0]).toMatchObject({ processes: [] });
});

it('recover runs the cleanup command before it removes what has landed', async () => {
  const { id, path } = await givenWorktree(1);
  await setWorktreeStatus(db, { worktreeId: id, status: 'merged' });
  const set = (cleanup: string) => db.query('update yokeflow.projects set cleanup = $1', [cleanup]);
  await set('echo no such database >&2; exit 4');
  expect((await worktrees('recover')).stdout).toBe(
    `recovered 0, cleaned 0\n  left alone: ${path}: cleanup ended with exit code 4: no such database ` +
      '(worktrees clean --force removes it all the same)',
  );
  const cleaned = join(await temporaryFolder(), 'cleaned');
  await set(`touch ${cleaned}`);
  expect((await worktrees('recover')).stdout).toBe(`recovered 0, cleaned 1\n  cleaned ${path}`);
  expect(await exists(cleaned)).toBe(true);
});

it('clean --force keeps the work in a ref that it names', async () => {
  const { path } = await givenWorktree(1);
  await write(path, { 'new.txt': 'not committed' });
  const { stdout } = await worktrees('clean', '--force', '1');
  const ref = /git show (\S+)/.exec(stdout)![1]!;
  expect(await git(repository.path, 'show', `${ref}:new.txt`)).toBe('not committed');
  expect(await statusOf(1)).toBe('removed');
});

it('clean --dry-run --force promises no more than --force does', async () => {
  const one = await givenWorktree(1);
  await commit(one.path, 'work', { 'new.txt': 'x' });
  const two = await givenWorktree(2);
  await rm(join(repository.gitDir, 'worktrees/epic-2-two'), { recursive: true });
  const [first, second] = (await worktrees('clean', '--dry-run', '--force')).stdout.split('\n');
  expect(first).toMatch(
    new RegExp(`^would remove ${one.path} \\(\\d+ kB\\): branch epic-1-one has commits that are not merged$`),
  );
  expect(second).toBe(`would keep ${two.path}: ${two.path} is no worktree of this repository`);
  const done = (await worktrees('clean', '--force')).stdout.split('\n');
  expect(done[0]).toContain(`removed ${one.path}`);
  expect(done.at(-1)).toBe(`kept ${two.path}: ${two.path} is no worktree of this repository`);
});

it('clean leaves a worktree alone in which somebody works, even with --force', async () => {
  const { id, path } = await givenWorktree(1);
  await takeLease(db, { worktreeId: id, holder: 'T1 try 1', staleAfterMs: 30_000 });
  expect((await worktrees('clean', '--force')).stdout).toBe(`kept ${path}: is in use by T1 try 1`);
  expect(await git(path, 'status', '--short')).toBe('');
});

it('clean of an epic without a worktree is refused', async () => {
  const { code, stderr } = await worktrees('clean', '2');
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'yokeflow: epic 2 of shop has no worktree' });
});

it('recover brings back a folder that is gone but whose branch holds work, and says so once', async () => {
  const { path } = await givenWorktree(1);
  await commit(path, 'work', { 'new.txt': 'x' });
  await rm(path, { recursive: true });
  expect((await worktrees('recover')).stdout).toBe(`recovered 1, cleaned 0\n  recovered ${path}`);
  expect(await git(path, 'show', 'HEAD:new.txt')).toBe('x');
  expect((await worktrees('recover')).stdout).toBe('recovered 0, cleaned 0');
});

it('recover forgets a worktree of which nothing is left', async () => {
  const { path, branch } = await givenWorktree(1);
  await rm(path, { recursive: true });
  await git(repository.path, 'worktree', 'prune');
  await git(repository.path, 'branch', '--delete', branch);
  expect((await worktrees('recover')).stdout).toBe(`recovered 0, cleaned 1\n  cleaned ${path}`);
  expect(await statusOf(1)).toBe('removed');
});

it('recover adopts a worktree that only git knows, and names strange folders', async () => {
  const path = join(repository.path, '.worktrees', 'epic-2-two');
  await ensureWorktree(repository, { path, branch: 'epic-2-two', start: 'refs/heads/main' });
  await write(repository.path, { '.worktrees/mine/notes.txt': 'x' });
  const { code, stdout } = await worktrees('recover');
  expect(code).toBe(1);
  expect(stdout).toContain(`recovered 1, cleaned 0\n  recovered ${path}`);
  expect(stdout).toContain('mine: is no worktree of this repository; move or delete it yourself');
  expect(await statusOf(2)).toBe('active');
});

it('while a worktree is being cleaned, however long that takes, nobody else begins to work in it', async () => {
  const { id } = await givenWorktree(1);
  const taken = await asOwner(
    db,
    id,
    async () => {
      await db.query(`update yokeflow.leases set heartbeat_at = now() - interval '1 hour'`);
      const isRenewed = `select from yokeflow.leases where heartbeat_at > now() - interval '1 minute'`;
      while (!(await db.query(isRenewed)).rowCount) await sleep(20);
      return takeLease(db, { worktreeId: id, holder: 'an agent', staleAfterMs: 30_000 });
    },
    { renewMs: 50 },
  );
  expect(taken).toMatchObject({ owned: true, value: { kind: 'held' } });
});

it('clean leaves a worktree alone in which somebody has begun to work meanwhile', async () => {
  const { id, path } = await givenWorktree(1);
  const began = join(await temporaryFolder(), 'began');
  const cleanup = `touch ${began}; until [ -e ${began}-to-work ]; do sleep 0.05; done`;
  await db.query('update yokeflow.projects set cleanup = $1', [cleanup]);
  const take = async () => {
    while (!(await exists(began))) await sleep(20);
    // Any age is stale: as if this machine had slept.
    await takeLease(db, { worktreeId: id, holder: 'an agent', staleAfterMs: -1_000 });
    await writeFile(`${began}-to-work`, '');
  };
  const [{ stdout }] = await Promise.all([worktrees('clean', '--force'), take()]);
  expect(stdout).toBe(`kept ${path}: somebody has begun to work in it meanwhile`);
  expect(await exists(path)).toBe(true);
});

describe('no merge waits for files that are being deleted, or for the cleanup command', () => {
  const { PATH } = process.env;
  afterEach(() => void (process.env.PATH = PATH));

  /** What begins and then waits until this test has had the repository's lock. */
  async function waiting() {
    const folder = await temporaryFolder();
    const [began, go] = ['began', 'go'].map((name) => join(folder, name)) as [string, string];
    const script = `touch ${began}; until [ -e ${go} ]; do sleep 0.05; done`;
    const lockIsFree = async () => {
      for (let tries = 0; tries < 500 && !(await exists(began)); tries++) await sleep(50);
      expect(await exists(began)).toBe(true);
      // Were it held until the deletion goes on, it would never be free.
      await withRepositoryLock(db, repository.gitDir, () => Promise.resolve(), { wait: 15_000 }).finally(() =>
        writeFile(go, ''),
      );
    };
    return { folder, script, lockIsFree };
  }

  /** `rm`, as removing large folders calls it. */
  async function slowDeletion() {
    const { folder, script, lockIsFree } = await waiting();
    await writeFile(join(folder, 'rm'), `#!/bin/bash\n${script}\nexec /bin/rm "$@"\n`, { mode: 0o755 });
    process.env.PATH = `${folder}:${PATH}`;
    return lockIsFree;
  }

  it('clean', async () => {
    const { path } = await givenWorktree(1);
    const lockIsFree = await slowDeletion();
    const [{ stdout }] = await Promise.all([worktrees('clean'), lockIsFree()]);
    expect(stdout).toContain(`removed ${path}`);
    expect(await readdir(repository.path)).not.toContain('.worktrees');
  });

  it('clean with a cleanup command', async () => {
    await givenWorktree(1);
    const { script, lockIsFree } = await waiting();
    await db.query('update yokeflow.projects set cleanup = $1', [script]);
    const [{ stdout }] = await Promise.all([worktrees('clean'), lockIsFree()]);
    expect(stdout).toContain('removed');
  });

  it.each(['a worktree that has landed', 'trash'])('recover: %s', async (what) => {
    if (what === 'trash') await write(repository.path, { '.worktrees/.trash-epic-1-one-7-8/a.txt': 'x' });
    else await setWorktreeStatus(db, { worktreeId: (await givenWorktree(1)).id, status: 'merged' });
    const lockIsFree = await slowDeletion();
    const [{ stdout }] = await Promise.all([worktrees('recover'), lockIsFree()]);
    expect(stdout).toContain('recovered 0, cleaned 1');
    expect(await readdir(join(repository.path, '.worktrees')).catch(() => [])).toEqual([]);
  });
});

it('recover removes what a killed worker left of its own making', async () => {
  const folder = join(repository.path, '.worktrees');
  await addScratchWorktree(repository, { path: join(folder, '.verify'), commit: 'main' });
  await write(folder, { '.trash-epic-1-one-7-8/a.txt': 'x' });
  expect((await worktrees('recover')).stdout).toBe(
    `recovered 0, cleaned 2\n  cleaned ${folder}/.trash-epic-1-one-7-8\n  cleaned ${folder}/.verify`,
  );
  expect(await readdir(folder)).toEqual([]);
  expect(await git(repository.path, 'worktree', 'list')).not.toContain('.verify');
});
