import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { launch } from '../process/launch';
import type { ProcessOutput } from '../process/process';
import { saidOf } from '../process/said';
import { PUSH_LIMIT_MS } from '../process/time-limits';
import { branchRef } from '../refs/refs';
import { gitOf, type Repository } from '../repository/repository';

export interface PushRequest {
  url: string;
  branch: string;
  commit: string;
  /** Where programs and the login are. */
  environment: Record<string, string>;
  signal?: AbortSignal;
}

export type Pushed =
  | { kind: 'pushed' }
  /** The remote branch has commits that this one does not contain. */
  | { kind: 'behind' }
  /** What git, ssh or the service said. */
  | { kind: 'failed'; said: string };

const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.askPass=true',
  'credential.helper=',
  'credential.helper=!gh auth git-credential',
  'push.recurseSubmodules=no',
  'push.followTags=false',
  'push.gpgSign=false',
  'protocol.ext.allow=never',
  'gc.auto=0',
];

/**
 * Pushes one commit as a branch, never over what is there. It goes from a private repository that only borrows the
 * objects: none of the settings, hooks and addresses that an agent may have left in the real one is ever looked at.
 */
export async function pushCommit(repo: Repository, request: PushRequest): Promise<Pushed> {
  const { url, branch, commit } = request;
  const format = await gitOf(repo).line(['rev-parse', '--show-object-format']);
  const folder = await mkdtemp(join(tmpdir(), temporaryName('push', process.pid)));
  try {
    const git = (args: string[]) => run(folder, args, request);
    const made = await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, folder]);
    if (made.exitCode !== 0) return { kind: 'failed', said: saidOf(made.stderr) };
    await borrowObjects(repo, folder);
    const refspec = `${commit}:${branchRef(branch)}`;
    const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
    return outcomeOf(
      await git([...settings, '--git-dir', folder, 'push', '--porcelain', '--no-verify', url, refspec]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(cwd: string, args: string[], { environment, signal }: PushRequest): Promise<ProcessOutput> {
  const env = {
    ...environment,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    // A question for a passphrase or an unknown host would wait for ever.
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  };
  return launch('git', args, { cwd, env, signal, timeLimitMs: PUSH_LIMIT_MS, encoding: 'utf8' });
}

async function borrowObjects({ gitDir }: Repository, folder: string): Promise<void> {
  await mkdir(join(folder, 'objects', 'info'), { recursive: true });
  await writeFile(join(folder, 'objects', 'info', 'alternates'), `${join(gitDir, 'objects')}\n`);
  // Of a shallow clone: where its history ends.
  await copyFile(join(gitDir, 'shallow'), join(folder, 'shallow')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function outcomeOf({ exitCode, stdout, stderr, ended }: ProcessOutput): Pushed {
  if (exitCode === 0) return { kind: 'pushed' };
  const row = stdout.split('\n').find((line) => line.startsWith('!'));
  if (row && /\[rejected\]/.test(row)) return { kind: 'behind' };
  const said = [row?.split('\t').slice(2).join(' ') ?? '', stderr, ended ? 'took too long' : ''];
  return { kind: 'failed', said: saidOf(said.filter(Boolean).join('; ')) };
}
