import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { temporaryName } from '../../domain/temporary-name';
import { gitIn } from '../repository/checkout';
import { treeOf } from '../content/commits';
import { indexInfo, parseContent } from '../content/index-entries';
import type { Content } from '../content/index-entries';
import { readable } from '../content/diff';
import type { Repository } from '../repository/repository';
import { WorktreeProblem } from '../repository/worktree-problem';
import { createGit, GitError } from '../process/runner';
import type { Setting } from '../process/environment';
import type { Git, GitRun } from '../process/runner';
import { statusOf, unreadIn } from '../content/status';
import { linksOfNested, sortSubmodules } from '../submodule/submodules';
import { isIndexTrusted, keepingTrust } from './trusted-index';

const LIST = ['ls-files', '-z', '-t', '--stage', '--others', '--exclude-standard'];

async function readContent(git: Git, scratch: GitRun): Promise<Content> {
  const hasIndex = await stat(join(git.gitDir, 'index')).catch(() => null);
  const own = hasIndex ? await git.run(LIST, { bytes: true, accept: [0, 128] }) : null;
  if (own?.exitCode === 0) return contentOf(own.stdout);
  // The index is missing or broken: what HEAD tracks stands in for it.
  await git.run(['read-tree', 'HEAD'], scratch);
  return contentOf((await git.run(LIST, { ...scratch, bytes: true })).stdout);
}

/** The paths of files stay bytes, as in `Change`: of one that git ignores, the index alone knows that it is tracked. */
function contentOf(output: string): Content {
  const { files, links, nested } = parseContent(output);
  return {
    files,
    links: links.map((link) => ({ ...link, path: readable(link.path) })),
    nested: nested.map(readable),
  };
}

export interface TreeOptions {
  /** Keep the files of submodules that hold more than the commit they are linked to. */
  expandSubmodules?: boolean;
  /** Keep the bytes of text files as they are, whatever `core.autocrlf` says. */
  exactBytes?: boolean;
}

const DEEPEST = 10;

/** The tree of a repository's files inside the worktree, read as an ordinary folder. */
async function nestedTree(git: Git, path: string, options: TreeOptions, scratch: GitRun, depth: number) {
  if (depth > DEEPEST)
    throw new GitError(['add', path], null, `repositories nested more than ${DEEPEST} deep`);
  const inner = createGit({ ...git.place, workTree: join(git.workTree!, path) });
  const index = `${scratch.env!.GIT_INDEX_FILE}-${depth}`;
  const own: GitRun = { ...scratch, env: { GIT_INDEX_FILE: index } };
  const content = parseContent((await inner.run(LIST, own)).stdout);
  const links = (await linksOfNested(git, path)).filter((link) => content.nested.includes(link.path));
  const nested = content.nested.filter((one) => !links.some((link) => link.path === one));
  await addFiles(inner, { ...content, links, nested }, options, own, depth);
  const tree = await inner.line(['write-tree'], own);
  await rm(index, { force: true });
  return tree;
}

/**
 * A name that git forbids, a text that is not in the encoding that its attributes tell, or a pipe where a file was: to wait
 * would not help.
 */
const REFUSED =
  /^(?:error: (invalid path .*)|error: (.*: can only add regular files.*)|(?:error|fatal): (BOM is .*|failed to encode .*|encoding .*))$/m;

/** @throws WorktreeProblem for what git takes into no commit */
async function addAll(git: Git, paths: string[], options: GitRun): Promise<void> {
  const { stderr } = await git.run(['add', '--all', '--', ...paths], options).catch((error: unknown) => {
    if (!(error instanceof GitError)) throw error;
    const why = REFUSED.exec(error.stderr)?.slice(1).find(Boolean);
    if (why !== undefined) throw new WorktreeProblem(`git takes into no commit what is in it: ${why}`);
    requireRead(error.stderr);
    throw error;
  });
  requireRead(stderr);
}

/** Git leaves out what it cannot read, and goes on: it would be missing from the commit without a word. */
function requireRead(stderr: string): void {
  const unread = unreadIn(stderr);
  if (unread !== null) throw new WorktreeProblem(`git cannot read what is in it, and it has to: ${unread}`);
}

async function addFiles(git: Git, content: Content, options: TreeOptions, scratch: GitRun, depth: number) {
  const aside = [...content.links.map(({ path }) => path), ...content.nested];
  const exclude = aside.map((path) => `:(exclude,literal)${path}`);
  await addAll(git, ['.', ...exclude], scratch);
  const tree = (path: string) => nestedTree(git, path, options, scratch, depth + 1);
  const { linked, folders } = await sortSubmodules(
    git,
    content.links,
    options.expandSubmodules ? tree : null,
  );
  if (linked.length > 0)
    await git.run(['update-index', '-z', '--index-info'], { ...scratch, input: indexInfo(linked) });
  for (const path of [...folders, ...content.nested]) {
    await git.run(['read-tree', `--prefix=${path}/`, await tree(path)], scratch);
  }
}

export interface Files {
  tree: string;
  /** Known for certain: index and files hold exactly `tree`. */
  clean: boolean;
}

const SETTINGS: Setting[] = [['core.sparseCheckout', 'false']];

/**
 * Of a file that changed in the very moment when the index was written, git reads the content, since time stamps cannot
 * tell: a copy must not be younger than what it was made of.
 */
async function copyIndex(git: Git, to: string): Promise<void> {
  const from = join(git.gitDir, 'index');
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  const written = Math.floor(mtimeMs) / 1000;
  await utimes(to, written, written);
}

interface Changes {
  /** What HEAD is at. */
  head: string;
  any: boolean;
  /** Repositories inside the worktree. */
  nested: string[];
}

/** Where the index is trusted, `git status` tells what to look at; null where everything has to be read. */
async function changesIn(git: Git): Promise<Changes | null> {
  if (!(await isIndexTrusted(git))) return null;
  const { head, changed, unread } = await statusOf(git);
  // What attributes say of other files may be new; what git cannot read, `addAll` tells.
  if (!head || unread !== null || changed.some((path) => basename(path) === '.gitattributes')) return null;
  const nested = changed.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
  return { head, any: changed.length > 0, nested };
}

async function changedFiles(
  repo: Repository,
  git: Git,
  { head, any, nested }: Changes,
  scratch: GitRun,
): Promise<Files> {
  if (!any) return { tree: await treeOf(repo, head), clean: true };
  await copyIndex(git, scratch.env!.GIT_INDEX_FILE!);
  await addFiles(git, { files: [], links: [], nested }, {}, scratch, 0);
  return { tree: await git.line(['write-tree'], scratch), clean: false };
}

async function allFiles(git: Git, options: TreeOptions, scratch: GitRun): Promise<Files> {
  const content = await readContent(git, scratch);
  const input = Buffer.from(indexInfo(content.files), 'latin1');
  await git.run(['update-index', '-z', '--index-info'], { ...scratch, input });
  await addFiles(git, content, options, scratch, 0);
  return { tree: await git.line(['write-tree'], scratch), clean: false };
}

async function readFiles(
  repo: Repository,
  git: Git,
  changes: Changes | null,
  options: TreeOptions,
): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), temporaryName('index', process.pid)));
  try {
    const scratch: GitRun = { env: { GIT_INDEX_FILE: join(folder, 'index') }, settings: [...SETTINGS] };
    if (options.exactBytes) scratch.settings!.push(['core.autocrlf', 'false']);
    return await (changes ? changedFiles(repo, git, changes, scratch) : allFiles(git, options, scratch));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A worktree's files as they are now: tracked ones and untracked ones that are not ignored, as `git add --all` takes
 * them. Unless nobody else can have written the worktree's index, it only says what is tracked; its flags and time
 * stamps, which an agent could have set to hide a change, are not believed. Repositories inside the worktree that are
 * not submodules become ordinary folders. Nothing in the repository changes but for new objects.
 * @throws GitError when a file cannot be read
 */
export async function filesOf(repo: Repository, worktree: string, options: TreeOptions = {}): Promise<Files> {
  const git = await gitIn(repo, worktree);
  return readFiles(repo, git, options.exactBytes ? null : await changesIn(git), options);
}

/**
 * The same for who commits them next, with nothing else running in the worktree. Where nobody else can have written
 * its index, that takes them: the worktree then is what the commit would leave, and need not be reset to it.
 */
export async function stageFiles(repo: Repository, worktree: string): Promise<Files> {
  const git = await gitIn(repo, worktree);
  const changes = await changesIn(git);
  if (!changes?.any || changes.nested.length > 0) return readFiles(repo, git, changes, {});
  const own: GitRun = { settings: SETTINGS };
  let tree = '';
  await keepingTrust(git, async () => {
    await addAll(git, ['.'], own);
    // Folders that are empty now are no part of a commit, so no later task may find them.
    [tree] = await Promise.all([git.line(['write-tree'], own), git.run(['clean', '-ffdq'])]);
  });
  return { tree, clean: true };
}
