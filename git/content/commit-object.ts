import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { harmless } from '../../domain/harmless';
import { ask } from '../process/answering';
import { resolveName } from '../refs/resolver';
import { gitOf } from '../repository/repository';
import type { Repository } from '../repository/repository';
import { GitError } from '../process/runner';

export interface CommitObject {
  tree: string;
  parents: string[];
  message: string;
  /** ISO 8601; both the author's and the committer's. Default: now. */
  date?: string;
}

const WRITE = ['hash-object', '-t', 'commit', '-w', '--no-filters', '--stdin-paths'];

const signatures = new Map<string, Promise<string>>();

/** Name and address as git writes them: it leaves out what would break the format. */
async function signatureOf(repo: Repository): Promise<string> {
  const key = JSON.stringify(repo.identity);
  let known = signatures.get(key);
  if (!known) {
    known = gitOf(repo)
      .line(['var', 'GIT_COMMITTER_IDENT'])
      .then((line) => line.replace(/ \d+ [+-]\d{4}$/, ''));
    known.catch(() => signatures.delete(key));
    signatures.set(key, known);
  }
  return known;
}

/** `hash-object` does not look whether what a commit names exists. */
async function requireObject(repo: Repository, name: string): Promise<string> {
  const id = await resolveName(repo, name);
  if (!id) throw new GitError(WRITE, null, `${name} is not in ${repo.path}`);
  return id;
}

/**
 * Writes a commit that no ref points to, as `git commit-tree` does (format: git's Documentation, "Git Objects" in the
 * user manual). The same arguments give the same id.
 * @throws GitError when the tree or a parent is not in the repository
 */
export async function writeCommit(repo: Repository, commit: CommitObject): Promise<string> {
  const [tree, ...parents] = await Promise.all([
    requireObject(repo, `${commit.tree}^{tree}`),
    ...commit.parents.map((parent) => requireObject(repo, `${parent}^{commit}`)),
  ]);
  const seconds = Math.floor((commit.date ? Date.parse(commit.date) : Date.now()) / 1000);
  const by = `${await signatureOf(repo)} ${seconds} +0000`;
  const lines = [
    `tree ${tree}`,
    ...[...new Set(parents)].map((parent) => `parent ${parent}`),
    `author ${by}`,
    `committer ${by}`,
    '',
    // Whoever reads a log reads it in a terminal.
    harmless(commit.message),
  ];
  const folder = await mkdtemp(join(tmpdir(), temporaryName('commit', process.pid)));
  try {
    const file = join(folder, 'commit');
    await writeFile(file, lines.join('\n'));
    const [id = ''] = await ask(repo, WRITE, `${file}\n`, 1);
    return id;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
