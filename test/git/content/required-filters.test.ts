import { join } from 'node:path';
import { unfilteredFiles } from '../../../git/content/required-filters';
import type { Repository } from '../../../git/repository/repository';
import { worktreeTree } from '../../../git/worktree/task-commit';
import { ensureWorktree } from '../../../git/worktree/worktrees';
import {
  commit,
  git,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from '../../support/git-repository';
import { restoreUserHome } from '../../support/user-home';

afterEach(restoreUserHome);
afterAll(removeTemporaryFolders);

const ROT13 = 'tr A-Za-z N-ZA-Mn-za-m';
const ATTRIBUTES = '*.key filter=crypt\n';
const CONFIG = `[filter "crypt"]\n\tclean = ${ROT13}\n\tsmudge = ${ROT13}\n\trequired = true\n`;
const EDITS = {
  'new.key': 'plain\n',
  'sub/changed.key': 'changed\n',
  'gone.key': null,
  'a.txt': 'text\n',
};

async function encrypted(): Promise<Repository> {
  const repo = await newRepository({ '.gitattributes': ATTRIBUTES });
  const settings = { clean: ROT13, smudge: ROT13, required: 'true' };
  for (const [key, value] of Object.entries(settings))
    await git(repo.path, 'config', `filter.crypt.${key}`, value);
  await commit(repo.path, 'keys', { 'kept.key': 'one\n', 'sub/changed.key': 'two\n', 'gone.key': 'three\n' });
  expect(await git(repo.path, 'cat-file', 'blob', 'main:kept.key')).toBe('bar');
  return repo;
}

/** What a task's commit would hold unfiltered. */
async function unfiltered(repo: Repository) {
  const worktree = join(repo.path, '.worktrees', 'epic-1-x');
  await ensureWorktree(repo, { path: worktree, branch: 'epic-1-x', start: 'main' });
  const base = await git(repo.path, 'rev-parse', 'main');
  const before = await worktreeTree(repo, worktree);
  expect(await unfilteredFiles(repo, { worktree, base, tree: before })).toEqual([]);
  await write(worktree, EDITS);
  return unfilteredFiles(repo, { worktree, base, tree: await worktreeTree(repo, worktree) });
}

const FOUND = [
  { path: 'new.key', filter: 'crypt' },
  { path: 'sub/changed.key', filter: 'crypt' },
];

it('names what a filter that git requires should have gone over', async () => {
  expect(await unfiltered(await encrypted())).toEqual(FOUND);
});

it('minds no filter that is not required', async () => {
  const repo = await encrypted();
  await git(repo.path, 'config', 'filter.crypt.required', 'false');
  expect(await unfiltered(repo)).toEqual([]);
});

it('knows filters and attributes that the user has for all repositories', async () => {
  const home = await temporaryFolder();
  await write(home, { '.gitconfig': CONFIG, '.config/git/attributes': ATTRIBUTES });
  Object.assign(process.env, { HOME: home });
  delete process.env.XDG_CONFIG_HOME;
  const repo = await newRepository({ 'sub/changed.key': 'two\n', 'gone.key': 'three\n' });
  expect(await unfiltered(repo)).toEqual(FOUND);
});
