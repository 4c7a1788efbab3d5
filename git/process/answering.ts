import type { Socket } from 'node:net';
import type { startProcess } from './process';
import { createGit, GitError, type GitPlace } from './runner';
import { ANSWER_LIMIT_MS } from './time-limits';

/** A running git command that answers each question with a known number of lines. */
interface Answering {
  ask(question: string, lines: number): Promise<string[]>;
}

/** A process of this age is replaced: it may still know objects that were pruned since. */
const LIFE_MS = 30_000;

interface Waiting {
  lines: string[];
  missing: number;
  resolve: (lines: string[]) => void;
  reject: (error: Error) => void;
}

function answering(args: string[], child: ReturnType<typeof startProcess>, onEnd: () => void): Answering {
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Socket[];
  const waiting: Waiting[] = [];
  let stuck: NodeJS.Timeout | undefined;
  let [rest, stderr] = ['', ''];

  /** Only an open question keeps this process alive, and only for so long. */
  function watch(): void {
    clearTimeout(stuck);
    const busy = waiting.length > 0;
    if (busy) stuck = setTimeout(() => child.kill('SIGKILL'), ANSWER_LIMIT_MS);
    for (const handle of [child, ...pipes]) {
      if (busy) handle.ref();
      else handle.unref();
    }
  }

  function retire(): void {
    onEnd();
    // What was asked is still answered.
    child.stdin.end();
  }

  function fail(code: number | null): void {
    clearTimeout(life);
    retire();
    for (const { reject } of waiting.splice(0)) reject(new GitError(args, code, stderr));
    watch();
  }

  function take(line: string): void {
    const [first] = waiting;
    if (!first) return;
    first.lines.push(line);
    if (--first.missing > 0) return;
    waiting.shift();
    first.resolve(first.lines);
  }

  const life = setTimeout(retire, LIFE_MS).unref();
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(take);
    watch();
  });
  child.once('error', () => fail(null));
  child.once('close', fail);
  return {
    ask: (question, lines) =>
      new Promise((resolve, reject) => {
        waiting.push({ lines: [], missing: lines, resolve, reject });
        watch();
        child.stdin.write(question);
      }),
  };
}

const running = new Map<string, Promise<Answering>>();

/**
 * Puts a question to a git command that goes on running, one for each repository, instead of starting one for each
 * question: that takes several milliseconds, and the answer one.
 * @param lines how many the answer has
 * @throws GitError when the command ends instead of answering, or after a minute; what was asked may have been done
 */
export async function ask(
  { gitDir, identity, signal }: Pick<GitPlace, 'gitDir' | 'identity' | 'signal'>,
  args: string[],
  question: string,
  lines: number,
): Promise<string[]> {
  if (signal?.aborted) throw new GitError(args, null, 'not started', 'was cancelled');
  const key = JSON.stringify([gitDir, identity, args]);
  let known = running.get(key);
  if (!known) {
    const forget = () => {
      if (running.get(key) === known) running.delete(key);
    };
    // Not in the repository's folder: who looks whether git is at work there must not take this one for a command.
    const git = createGit({ gitDir, identity, cwd: '/' });
    known = git.start(args).then((child) => answering(args, child, forget));
    known.catch(forget);
    running.set(key, known);
  }
  return (await known).ask(question, lines);
}
