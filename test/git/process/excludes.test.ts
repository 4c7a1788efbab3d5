import { join } from 'node:path';
import { isClean } from '../../support/clean-worktree';
import { worktreeTree } from '../../../git/worktree/task-commit';
import {
  git,
  newRepository,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from '../../support/git-repository';
import { restoreUserHome } from '../../support/user-home';

afterEach(restoreUserHome);
afterAll(removeTemporaryFolders);

it.each([
  ['at its usual place', { '.config/git/ignore': '.idea/\n' }],
  ['as configured', { '.gitconfig': '[core]\n\texcludesFile = ~/ignored\n', ignored: '.idea/\n' }],
])(
  'what the user ignores everywhere is no work: %s; where the repository has a list, that one counts',
  async (_, files) => {
    const home = await temporaryFolder();
    await write(home, files);
    Object.assign(process.env, { HOME: home });
    delete process.env.XDG_CONFIG_HOME;
    const repo = await newRepository();
    await write(repo.path, { '.idea/workspace.xml': 'x\n' });
    expect(await isClean(repo, repo.path)).toBe(true);
    expect(await worktreeTree(repo, repo.path)).toBe(await git(repo.path, 'rev-parse', 'main^{tree}'));
    await git(repo.path, 'config', 'core.excludesFile', join(home, 'none'));
    expect(await isClean(repo, repo.path)).toBe(false);
  },
);
