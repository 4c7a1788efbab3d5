import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Repository } from '../../git/repository/repository';
import { launchGit } from './spawned-git';

const environment = {
  PATH: process.env.PATH!,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A User',
  GIT_AUTHOR_EMAIL: 'user@example.com',
  GIT_COMMITTER_NAME: 'A User',
  GIT_COMMITTER_EMAIL: 'user@example.com',
};

/** What a person types: plain git, with the repository's own configuration in force. Returns trimmed stdout. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const ended = await launchGit('git', ['-C', folder, ...args], {
    cwd: '/',
    env: environment,
    timeLimitMs: 120_000,
    encoding: 'utf8',
  });
  if (ended.exitCode === 0) return ended.stdout.trim();
  throw Object.assign(new Error(`Command failed: git ${args.join(' ')}\n${ended.stderr}`), ended);
}

export type Files = Record<string, string | null>;

/** Writes files below a folder; null deletes one. */
export async function write(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    await mkdir(dirname(at), { recursive: true });
    await (content === null ? rm(at) : writeFile(at, content));
  }
}

/** Writes files and commits everything; returns the commit. */
export async function commit(folder: string, message: string, files: Files = {}): Promise<string> {
  await write(folder, files);
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--no-verify', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

const folders: string[] = [];

export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'yokeflow-test-')));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export async function removeTemporaryFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

const identity = { name: 'A User', email: 'user@example.com' };

/** A repository with one commit on `main`, checked out. */
export async function newRepository(
  files: Files = { 'a.txt': '1\n2\n3\n' },
  ...init: string[]
): Promise<Repository> {
  const path = join(await temporaryFolder(), 'repo');
  await mkdir(path);
  await git(path, 'init', '--quiet', '--initial-branch=main', ...init);
  await commit(path, 'start', files);
  return { path, gitDir: join(path, '.git'), bare: false, identity };
}

/** A bare clone of a repository: no checkout anywhere. */
export async function bareCloneOf(repo: Repository): Promise<Repository> {
  const path = join(await temporaryFolder(), 'repo.git');
  await git(dirname(path), 'clone', '--quiet', '--bare', repo.path, path);
  return { path, gitDir: path, bare: true, identity };
}

/** A branch with one commit on top of `start`, made without touching the user's checkout. */
export async function newBranch(
  repo: Repository,
  branch: string,
  files: Files,
  start = 'main',
): Promise<string> {
  const folder = join(await temporaryFolder(), 'tree');
  await git(repo.path, 'worktree', 'add', '--quiet', '-b', branch, folder, start);
  const made = await commit(folder, `work on ${branch}`, files);
  await git(repo.path, 'worktree', 'remove', '--force', folder);
  return made;
}

/** Two branches that change the same line of `a.txt`: `main` and `epic-1-x`. */
export async function conflictedPair(): Promise<{ repo: Repository; ours: string; theirs: string }> {
  const repo = await newRepository();
  const theirs = await newBranch(repo, 'epic-1-x', { 'a.txt': '1\nepic\n3\n' });
  const ours = await commit(repo.path, 'main edits the line', { 'a.txt': '1\nmain\n3\n' });
  return { repo, ours, theirs };
}

/** The content of a file in a commit. */
export const show = (repo: Repository, commitAndPath: string) => git(repo.path, 'show', commitAndPath);

/** A repository with the submodule `libs/lib`, which has the submodule `inner`; both are checked out. */
export async function repositoryWithSubmodules(files?: Files): Promise<Repository> {
  const inner = await newRepository({ 'inner.txt': 'inner\n' });
  const lib = await newRepository({ 'lib.txt': 'lib\n' });
  const allow = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet'];
  await git(lib.path, ...allow, 'add', inner.path, 'inner');
  await commit(lib.path, 'link to inner');
  const repo = await newRepository(files);
  await git(repo.path, ...allow, 'add', lib.path, 'libs/lib');
  await git(repo.path, ...allow, 'update', '--init', '--recursive');
  await commit(repo.path, 'link to lib');
  return repo;
}
