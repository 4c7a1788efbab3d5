import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleGit } from 'simple-git';
import type { SimpleGit } from 'simple-git';
import { fileNames } from '../../domain/file-names';
import { createGit } from '../process/runner';
import type { Git } from '../process/runner';
import { saidOf } from '../process/said';

export interface Repository {
  /** The top folder of the user's checkout, or the bare repository itself; no symbolic links in it. */
  path: string;
  /** The repository that all worktrees share, absolute. */
  gitDir: string;
  bare: boolean;
  /** Who commits: the user's own name and e-mail, read once at import. */
  identity: { name: string; email: string };
  /** Ends git processes that run for this repository. */
  signal?: AbortSignal;
}

/** The repository cannot be used as it is. The message says what to do. */
export class RepositoryProblem extends Error {
  override readonly name: string = 'RepositoryProblem';
}

/** It was there and could be written to before: a mount that is gone may come back. */
export class RepositoryAway extends RepositoryProblem {
  override readonly name = 'RepositoryAway';
}

const MINIMUM = { major: 2, minor: 38 };

/** Git on the repository's objects and refs, without any work tree. */
export function gitOf(repo: Repository): Git {
  return createGit({ gitDir: repo.gitDir, identity: repo.identity, signal: repo.signal });
}

async function requireFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new RepositoryProblem(`${path} does not exist: give the path of a git repository`);
  if (!found.isDirectory())
    throw new RepositoryProblem(`${path} is not a folder: give the path of a git repository`);
  return realpath(path);
}

/** Git reads its configuration before anything else, and a mistake there ends it. */
function unusable({ message }: Error): RepositoryProblem | null {
  const why = /^fatal: (bad .*config.*)$/m.exec(message)?.[1];
  return why === undefined ? null : new RepositoryProblem(`git does not start (${why}): correct that file`);
}

async function requireGit(git: SimpleGit): Promise<void> {
  const version = await git.version().catch((error: Error) => {
    throw unusable(error) ?? error;
  });
  const { major, minor } = version;
  if (!version.installed) throw new RepositoryProblem('git is not installed: install git 2.38 or later');
  if (major < MINIMUM.major || (major === MINIMUM.major && minor < MINIMUM.minor)) {
    throw new RepositoryProblem(`git ${major}.${minor} is too old: install git 2.38 or later`);
  }
}

function remedyOf(path: string, { message }: Error): string {
  if (message.includes('dubious ownership'))
    return `belongs to another user: run git config --global --add safe.directory ${path}`;
  // One whose refs are in tables, made by a newer git, is no place for `git init`.
  if (/unknown repository extension|Expected git repo version/.test(message))
    return `is a repository that this git is too old for (${saidOf(message)}): install the git that made it, or a newer one`;
  return 'is not a git repository: run git init and commit there, or give another path';
}

/** The main checkout of the repository that `path` is in; in a linked worktree, the checkout it is linked to. */
async function locate(git: SimpleGit, path: string): Promise<Pick<Repository, 'path' | 'gitDir' | 'bare'>> {
  const answer = await git
    .revparse(['--path-format=absolute', '--git-common-dir', '--absolute-git-dir', '--is-bare-repository'])
    .catch((error: Error) => {
      const broken = unusable(error);
      if (broken) throw broken;
      throw new RepositoryProblem(`${path} ${remedyOf(path, error)}`);
    });
  const lines = answer.split('\n');
  // Git answers with a line for each, and so it does wherever it names a path.
  if (lines.length !== 3)
    throw new RepositoryProblem(
      `${fileNames([path])} has a line break in its path: move it to a folder without one`,
    );
  const [common = '', own = '', isBare] = lines;
  const gitDir = await realpath(common);
  if (gitDir === (await realpath(own))) {
    if (isBare === 'true') return { path: gitDir, gitDir, bare: true };
    const top = await git.revparse(['--show-toplevel']).catch(() => {
      throw new RepositoryProblem(`${path} is inside a .git folder: give the path of the checkout`);
    });
    // Git itself lists the checkout beside `.git` then, where there are no files.
    if (!(await stat(join(top, '.git')).catch(() => null)))
      throw new RepositoryProblem(
        `${path} has its files in ${top}, by core.worktree: give a clone that has them itself`,
      );
    return { path: await realpath(top), gitDir, bare: false };
  }
  const main = (await git.raw(['worktree', 'list', '--porcelain', '-z'])).split('\0\0')[0]!.split('\0');
  const mainPath = await realpath(main[0]!.replace(/^worktree /, ''));
  return { path: mainPath, gitDir, bare: main.includes('bare') };
}

const HEADS = 'refs/heads/';

/** By its whole name: where a tag has the branch's name, git's short one is `heads/main`. */
const checkedOut = (git: SimpleGit): Promise<string | undefined> =>
  git.raw(['symbolic-ref', '--quiet', 'HEAD']).then(
    (name) => (name.startsWith(HEADS) ? name.trim().slice(HEADS.length) : undefined),
    () => undefined,
  );

async function chooseBase(git: SimpleGit, wanted: string | undefined, where: string) {
  const format = '--format=%(refname:lstrip=2) %(objectname) %(symref)';
  const stdout = await git.raw(['for-each-ref', format, 'refs/heads/']);
  const rows = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ') as [string, string, string]);
  const branches = new Map(rows.map(([branch, commit]) => [branch, commit]));
  if (branches.size === 0) throw new RepositoryProblem(`${where} has no commits: make a first commit there`);
  const current = await checkedOut(git);
  const chosen = wanted ?? (branches.has('main') ? 'main' : current);
  // Of a name for another branch, that one is what moves and what is checked out.
  const [, , alias] = rows.find(([branch, , target]) => branch === chosen && target.startsWith(HEADS)) ?? [];
  const name = alias?.slice(HEADS.length) ?? chosen;
  const known = [...branches.keys()].slice(0, 10).join(', ');
  if (name === undefined)
    throw new RepositoryProblem(
      `${where} has no branch checked out: name the base branch by --base (${known})`,
    );
  const commit = branches.get(name);
  if (!commit) throw new RepositoryProblem(`${where} has no branch ${name}: name one that exists (${known})`);
  return { baseBranch: name, baseCommit: commit };
}

interface Inspected {
  repository: Repository;
  baseBranch: string;
  baseCommit: string;
  /** What is checked out in the folder that was named, which may be a worktree of the repository. */
  branch?: string;
}

/**
 * Looks at a user's repository with the user's own configuration.
 * @throws RepositoryProblem when there is none, it has no commits or no such base branch, or git is too old.
 */
export async function inspectRepository(
  path: string,
  options: { baseBranch?: string } = {},
): Promise<Inspected> {
  const folder = await requireFolder(path);
  await requireGit(simpleGit(folder));
  const place = await locate(simpleGit(folder), folder);
  const git = simpleGit(place.path);
  const base = await chooseBase(git, options.baseBranch, place.path);
  const setting = async (key: string) => (await git.getConfig(key)).value?.trim();
  const identity = {
    name: (await setting('user.name')) || 'YokeFlow',
    email: (await setting('user.email')) || 'yokeflow@localhost',
  };
  const branch = await checkedOut(simpleGit(folder));
  return { repository: { ...place, identity }, ...base, ...(branch ? { branch } : {}) };
}

/**
 * A repository that was inspected before, with a check that it still exists.
 * @throws RepositoryAway when it was moved or deleted.
 */
export async function openRepository(stored: Repository): Promise<Repository> {
  for (const folder of [stored.path, stored.gitDir]) {
    const found = await stat(folder).catch(() => null);
    if (!found?.isDirectory()) {
      throw new RepositoryAway(
        `${folder} is gone: put the repository back, or a symbolic link to where it is now; ` +
          'or, with no session open, import its plan again with --repo and that path',
      );
    }
  }
  return stored;
}

/**
 * Nothing can be done in a repository that this process may only read, and trying again does not help.
 * @throws RepositoryProblem when it cannot be written to.
 */
export async function requireWritable({ path, gitDir }: Repository): Promise<void> {
  const worktrees = join(gitDir, 'worktrees');
  for (const folder of new Set([path, gitDir, worktrees])) {
    await access(folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      // Git makes it with the first one.
      if (folder === worktrees && error.code === 'ENOENT') return;
      const why = error.code === 'EROFS' ? 'is on a read-only file system' : 'may not be written to';
      throw new RepositoryProblem(`${folder} ${why}: let the user that runs the worker write there`);
    });
  }
}
