import type { Socket } from 'node:net';
import { gitEnvironment } from '../process/environment';
import { startProcess } from '../process/process';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';

/** A running `git cat-file`, which answers one line for each name that it is given. */
interface Resolver {
  ask(name: string): Promise<string | null>;
}

const ARGS = ['cat-file', '--batch-check=%(objectname)'];

/** A process of this age is replaced: it may still know objects that were pruned since. */
const LIFE_MS = 30_000;
const TIME_LIMIT_MS = 60_000;

function startResolver(gitDir: string, env: Record<string, string>, onEnd: () => void): Resolver {
  // Not in the repository's folder: who looks whether git is at work there must not take this one for a command.
  const child = startProcess('git', ['--git-dir', gitDir, ...ARGS], { cwd: '/', env });
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Socket[];
  const waiting: { resolve: (id: string | null) => void; reject: (error: Error) => void }[] = [];
  let stuck: NodeJS.Timeout | undefined;
  let [rest, stderr] = ['', ''];

  /** Only an open question keeps this process alive, and only for so long. */
  function watch(): void {
    clearTimeout(stuck);
    const busy = waiting.length > 0;
    if (busy) stuck = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
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
    for (const { reject } of waiting.splice(0)) reject(new GitError(ARGS, code, stderr));
    watch();
  }

  const life = setTimeout(retire, LIFE_MS).unref();
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-2_000)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) waiting.shift()?.resolve(/^[0-9a-f]{40,64}$/.test(line) ? line : null);
    watch();
  });
  child.once('error', () => fail(null));
  child.once('close', fail);
  return {
    ask: (name) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        watch();
        child.stdin.write(`${name}\n`);
      }),
  };
}

const resolvers = new Map<string, Promise<Resolver>>();

/**
 * The id of the object that an expression such as `refs/heads/main^{commit}` or `<id>^{tree}` names now, or null when
 * there is none. One process answers for a repository, instead of one for each question; it reads refs anew each time,
 * and runs nothing that a repository's configuration could name.
 */
export async function resolveName(repo: Repository, name: string): Promise<string | null> {
  const { gitDir, identity, signal } = repo;
  if (signal?.aborted) throw new GitError(ARGS, null, 'not started', 'was cancelled');
  if (/\s/.test(name)) return null;
  let known = resolvers.get(gitDir);
  if (!known) {
    known = gitEnvironment(identity, []).then((env) =>
      startResolver(gitDir, env, () => {
        if (resolvers.get(gitDir) === known) resolvers.delete(gitDir);
      }),
    );
    resolvers.set(gitDir, known);
  }
  return (await known).ask(name);
}
