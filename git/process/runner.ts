import { cutText } from '../../domain/cut-text';
import { driverSettings, requirableFilters } from './drivers';
import { gitEnvironment } from './environment';
import type { Setting } from './environment';
import { launch } from './launch';
import { startProcess } from './process';
import { saidOf } from './said';
import { removeStaleLock } from './stale-lock';
import { COMMAND_LIMIT_MS } from './time-limits';

/** Where git works, and as whom. Nothing is ever discovered from a folder's content. */
export interface GitPlace {
  /** The repository, or the worktree's own folder inside it. */
  gitDir: string;
  /** The repository that a worktree's own folder belongs to. Default: `gitDir`. */
  commonDir?: string;
  /** The folder with the files. Without one, only commands on objects and refs make sense. */
  workTree?: string;
  /** Default: the work tree, or else `gitDir`. */
  cwd?: string;
  identity: { name: string; email: string };
  /** Ends the running git process and keeps further ones from starting. */
  signal?: AbortSignal;
}

export interface GitRun {
  input?: string | Buffer;
  env?: Record<string, string>;
  settings?: Setting[];
  /** Exit codes that are an answer and not a failure. Default: 0 only. */
  accept?: number[];
  /** Keep every byte of the output apart (file names that are not UTF-8). */
  bytes?: boolean;
  timeLimitMs?: number;
}

export interface GitOutput {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Git {
  readonly place: GitPlace;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly workTree: string | undefined;
  /** Runs a command. Throws `GitError` when it fails, is aborted or takes too long. */
  run(args: string[], options?: GitRun): Promise<GitOutput>;
  /** Runs a command that prints one line, and returns the line. */
  line(args: string[], options?: GitRun): Promise<string>;
  /** Filters that the repository's settings may require; none of them runs. Starts no process where these are known. */
  filters(): Promise<string[]>;
  /** Starts a command to talk to while it runs; the caller must end it. */
  start(args: string[]): Promise<ReturnType<typeof startProcess>>;
}

/** A git command failed. The message says in one line which, and what git said. */
export class GitError extends Error {
  override readonly name = 'GitError';

  constructor(
    readonly args: readonly string[],
    readonly exitCode: number | null,
    readonly stderr: string,
    reason?: string,
  ) {
    const why = reason ?? `failed (${exitCode ?? 'killed'})`;
    super(`git ${cutText(args.join(' '), 200)} ${why}: ${saidOf(stderr)}`);
  }
}

/**
 * Runs git so that nothing which an agent planted in the repository can run with it: an environment from nothing,
 * explicit folders, and every hook, filter, driver and monitor switched off.
 */
export function createGit(place: GitPlace): Git {
  const { gitDir, commonDir = gitDir, workTree } = place;
  const cwd = place.cwd ?? workTree ?? gitDir;
  const where = ['--git-dir', gitDir, '--work-tree', workTree ?? gitDir];

  async function environment(settings: Setting[], extra?: Record<string, string>) {
    const env = await gitEnvironment(place.identity, settings);
    // A worktree's `commondir` file could name another repository.
    return { ...env, ...(commonDir === gitDir ? {} : { GIT_COMMON_DIR: commonDir }), ...extra };
  }

  async function execute(args: string[], env: Record<string, string>, options: GitRun): Promise<GitOutput> {
    if (place.signal?.aborted) throw new GitError(args, null, 'not started', 'was cancelled');
    const output = await launch('git', [...where, ...args], {
      cwd,
      env,
      input: options.input,
      signal: place.signal,
      timeLimitMs: options.timeLimitMs ?? COMMAND_LIMIT_MS,
      encoding: options.bytes ? 'latin1' : 'utf8',
    });
    if (output.ended === 'abort') throw new GitError(args, null, output.stderr, 'was cancelled');
    if (output.ended === 'timeout') throw new GitError(args, null, output.stderr, 'took too long');
    const { exitCode, stdout, stderr } = output;
    if (exitCode === null || !(options.accept ?? [0]).includes(exitCode))
      throw new GitError(args, exitCode, stderr);
    return { exitCode, stdout, stderr };
  }

  async function drivers(): Promise<Setting[]> {
    return driverSettings(gitDir, commonDir, async () => {
      const list = ['config', '--includes', '--name-only', '-z', '--list'];
      return (await execute(list, await environment([]), {})).stdout;
    });
  }

  async function run(args: string[], options: GitRun = {}): Promise<GitOutput> {
    const settings: Setting[] = [...(await drivers()), ...(options.settings ?? [])];
    if (workTree) settings.push(['core.bare', 'false']);
    const env = await environment(settings, options.env);
    return execute(args, env, options).catch(async (error: unknown) => {
      if (
        !(error instanceof GitError) ||
        !(await removeStaleLock({ gitDir, commonDir, workTree }, error.stderr))
      )
        throw error;
      return execute(args, env, options);
    });
  }

  return {
    place,
    gitDir,
    commonDir,
    workTree,
    run,
    line: async (args, options) => (await run(args, options)).stdout.replace(/\n$/, ''),
    filters: async () => requirableFilters(await drivers()),
    start: async (args) =>
      startProcess('git', [...where, ...args], { cwd, env: await environment(await drivers()) }),
  };
}
