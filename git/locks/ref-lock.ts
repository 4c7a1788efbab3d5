import { createInterface } from 'node:readline';
import { GitError } from '../process/runner';
import type { Git } from '../process/runner';
import { endChild, watchLimits } from '../process/process';
import { removeStaleLock } from '../process/stale-lock';
import { REF_LOCK_LIMIT_MS } from '../process/time-limits';

/** A held lock on a ref: nobody else can move it until `commit` or `abort`. */
export interface RefLock {
  /** Moves the ref. @throws GitError when that failed; the ref is then where it was */
  commit(): Promise<void>;
  /** Gives the lock up; the ref stays. */
  abort(): Promise<void>;
}

interface Move {
  ref: string;
  to: string;
  from: string;
  /** For the ref's log. */
  reason: string;
}

/**
 * Locks a ref, by an `update-ref --stdin` transaction that is prepared and not yet committed. When this process
 * dies, git sees the end of its input and gives the lock up.
 * @throws GitError when the ref is not at `from`, or somebody else holds its lock
 */
export async function lockRef(git: Git, move: Move): Promise<RefLock> {
  return prepare(git, move).catch(async (error: unknown) => {
    if (!(error instanceof GitError) || !(await removeStaleLock(git, error.stderr))) throw error;
    return lockRef(git, move);
  });
}

async function prepare(git: Git, { ref, to, from, reason }: Move): Promise<RefLock> {
  const args = ['update-ref', '--stdin', '-m', reason];
  const child = await git.start(args);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const unwatch = watchLimits({ timeLimitMs: REF_LOCK_LIMIT_MS }, () => endChild(child));
  const closed = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  }).finally(unwatch);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function say(words: string, expected: string): Promise<void> {
    child.stdin.write(`${words}\n`);
    const answer = await answers.next();
    if (!answer.done && answer.value === expected) return;
    child.stdin.end();
    throw new GitError([...args, words.split('\n').pop()!], await closed, stderr);
  }

  await say('start', 'start: ok');
  await say(`update ${ref} ${to} ${from}\nprepare`, 'prepare: ok');
  return {
    commit: async () => {
      await say('commit', 'commit: ok');
      child.stdin.end();
      await closed;
    },
    abort: async () => {
      child.stdin.end('abort\n');
      await closed;
    },
  };
}
