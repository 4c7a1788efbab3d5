import { spawn } from 'node:child_process';
import { readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { startAttempt } from '../db/task/attempt-start';
import { takeLease } from '../db/worktree/leases';
import { getProject } from '../db/project/projects';
import { openSession } from '../db/session/session-open';
import { getTask } from '../db/task/tasks';
import { listTurns, recordTurn } from '../db/task/turns';
import { upsertWorktree } from '../db/worktree/worktrees';
import { inspectRepository, type Repository } from '../git/repository/repository';
import { statusOf } from '../git/content/status';
import { gitIn } from '../git/repository/checkout';
import { commitTask } from '../git/worktree/task-commit';
import { filesOf } from '../git/worktree/worktree-index';
import { ensureWorktree } from '../git/worktree/worktrees';
import { removeWorktree } from '../git/worktree/worktree-removal';
import { install, type Installation } from './support/installation';
import { median, timed } from './support/measure';
import { chains, planOf } from './support/plans';
import { newRepository } from './support/repository';
import { table, type Row } from './support/table';

const WORKTREES = Number(process.env.BENCH_WORKTREES ?? 200);
const FILES = Number(process.env.BENCH_FILES ?? 50_000);
const TRANSCRIPT_MB = Number(process.env.BENCH_TRANSCRIPT_MB ?? 100);
const TURN_BYTES = 100_000;
const MB = 1_000_000;
/** What a machine should keep free: the bench stops before, and says how far it came. */
const KEEP_FREE = 20_000 * MB;

/** Many worktrees of a large repository, and a long transcript: time, memory and disk. */
export async function run(say: (text: string) => void): Promise<void> {
  const installation = await install();
  try {
    say(await worktrees(installation.folder));
    say(await transcript(installation));
  } finally {
    await installation.close();
  }
}

const freeBytes = async (folder: string) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

async function worktrees(folder: string): Promise<string> {
  const { repository } = await inspectRepository(await newRepository(join(folder, 'large'), FILES));
  const before = await freeBytes(folder);
  const times = new Map<string, number[]>();
  const measure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const { ms, result } = await timed(work);
    times.set(what, [...(times.get(what) ?? []), ms]);
    return result;
  };
  let made = 0;
  const at = (n: number) => ({
    path: join(repository.path, '.worktrees', `epic-${n}`),
    branch: `epic-${n}`,
    start: 'main',
  });
  for (; made < WORKTREES && (await freeBytes(folder)) > KEEP_FREE; made++) {
    const place = at(made);
    const { head } = await measure('make the worktree', () => ensureWorktree(repository, place));
    await commitOne(repository, { ...place, base: head }, measure);
  }
  const disk = before - (await freeBytes(folder));
  for (let n = 0; n < made; n++) {
    const removal = { ...at(n), base: [`refs/heads/epic-${n}`] };
    await measure('look whether it may go, and remove it', () => removeWorktree(repository, removal));
  }
  await rm(repository.path, { recursive: true, force: true });
  const rows = [...times].map(([what, all]) => ({
    what,
    'median, ms': median(all),
    'of the first tenth': median(all.slice(0, Math.ceil(all.length / 10))),
    'of the last tenth': median(all.slice(-Math.ceil(all.length / 10))),
  }));
  return [
    `\n${made} worktrees of ${FILES} files, ${(disk / made / MB).toFixed(0)} MB of disk each`,
    `this process at its largest: ${(await peakOf(process.pid)).toFixed(0)} MB\n`,
    table(rows),
  ].join('\n');
}

/** What a task asks of git: look, find the tree, commit. Once where the index is our own, once where it is not. */
async function commitOne(
  repository: Repository,
  { path, branch, base }: { path: string; branch: string; base: string },
  measure: <T>(what: string, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const git = await gitIn(repository, path);
  const date = new Date().toISOString();
  await measure('git status', () => statusOf(git));
  const { tree } = await measure('tree of an unchanged worktree, index known', () =>
    filesOf(repository, path),
  );
  await git.run(['update-index', '--force-write-index']);
  await measure('the same, index written by another', () => filesOf(repository, path));
  const request = { worktree: path, branch, base, tree, message: 'nothing', date };
  await measure('commit and settle', () => commitTask(repository, request));
}

async function transcript(installation: Installation): Promise<string> {
  const { db, folder } = installation;
  const path = await newRepository(join(folder, 'talk'));
  await installation.import(
    planOf('talk', chains(1, 1), () => 'true'),
    path,
  );
  const { id: projectId } = await getProject(db, 'talk');
  const session = await openSession(db, {
    projectId,
    workflowId: 'yokeflow-talk',
    runId: 'bench',
    options: { project: 'talk' },
  });
  const worktree = await upsertWorktree(db, {
    projectId,
    epic: 1,
    path: join(path, 'w'),
    branchName: 'talk',
  });
  const lease = await takeLease(db, { worktreeId: worktree.id, holder: 'bench', staleAfterMs: 30_000 });
  if (lease.kind !== 'taken') throw new Error('the lease is held');
  const { id: taskId } = await getTask(db, { projectId, task: 1 });
  const { attempt } = await startAttempt(db, {
    ...{ taskId, sessionId: session.id, worktreeId: worktree.id, key: 'bench', token: lease.token },
    agent: 'claude',
  });
  const owner = { attemptId: attempt.id, token: lease.token };
  const turns = Math.ceil((TRANSCRIPT_MB * MB) / TURN_BYTES);
  const text = 'a line of what a command printed, of which there are many\n'.repeat(TURN_BYTES / 58);
  const rows: Row[] = [];
  const write = await timed(async () => {
    for (let n = 0; n < turns; n++) {
      const payload = { content: [{ type: 'text', text: `turn ${n}\n${text}` }] };
      await recordTurn(db, { ...owner, n, kind: 'response', payload, usage: { output: 1 }, costNano: 1 });
    }
  });
  rows.push({ what: 'write all turns', seconds: write.ms / 1000, 'peak, MB': '' });
  const read = await timed(() => listTurns(db, attempt.id));
  rows.push({ what: 'read it to go on after a crash', seconds: read.ms / 1000, 'peak, MB': '' });
  for (const command of ['show 1', 'transcript 1', 'transcript 1 --json', 'costs'])
    rows.push(await measureCommand(folder, command));
  return `\nA transcript of ${TRANSCRIPT_MB} MB in ${turns} turns\n\n${table(rows)}`;
}

async function measureCommand(home: string, command: string): Promise<Row> {
  const main = join(__dirname, '../client/main.js');
  const args = [main, ...command.split(' '), '--project', 'talk'];
  const env = { ...process.env, YOKEFLOW_HOME: home };
  let peak = 0;
  const { ms } = await timed(async () => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const watch = setInterval(() => void peakOf(child.pid!).then((mb) => (peak = Math.max(peak, mb))), 50);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(watch);
    if (code !== 0) throw new Error(`yokeflow ${command} ended with ${String(code)}`);
  });
  return { what: `yokeflow ${command}`, seconds: ms / 1000, 'peak, MB': Math.round(peak).toString() };
}

/** The most memory that a process had so far. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024) / MB;
}
