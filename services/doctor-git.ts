import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { temporaryName } from '../domain/temporary-name';
import type { Check } from './check';
import { lastLine, runCommand } from './command';

/** By these git is told where to work, as in a hook or a shell for dotfiles: in a person's own repository, and not where it is tried. */
const PLACE = ['DIR', 'WORK_TREE', 'COMMON_DIR', 'INDEX_FILE', 'OBJECT_DIRECTORY', 'NAMESPACE', 'PREFIX'];

const withoutPlace = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !PLACE.some((one) => name === `GIT_${one}`)));

/** Does in a repository of its own what landing and worktrees need of git. */
export async function checkGitFeatures(given: NodeJS.ProcessEnv): Promise<Check> {
  const env = withoutPlace(given);
  const name = 'git features';
  const folder = await mkdtemp(path.join(os.tmpdir(), temporaryName('doctor', process.pid)));
  // As in the git that does the work, no hook runs that a person has for all repositories, and nothing is signed.
  const settings = [
    'core.hooksPath=/dev/null',
    'commit.gpgSign=false',
    'user.name=YokeFlow',
    'user.email=yokeflow@localhost',
  ].flatMap((setting) => ['-c', setting]);
  const steps: [string, string[]][] = [
    ['a repository', ['init', '--quiet', '--initial-branch=main']],
    ['a commit', ['commit', '--quiet', '--allow-empty', '-m', 'probe']],
    ['a worktree', ['worktree', 'add', '--quiet', '-b', 'side', path.join(folder, '.worktrees/side')]],
    ['a merge without a checkout', ['merge-tree', '--write-tree', 'main', 'side']],
    ['a compare-and-swap of refs', ['update-ref', 'refs/yokeflow/probe', 'main', '0'.repeat(40)]],
  ];
  try {
    for (const [what, args] of steps) {
      const result = await runCommand('git', ['-C', folder, ...settings, ...args], { env });
      if (result.code === 0) continue;
      const remedy = `install git 2.38 or later; try: git ${args[0]}`;
      return {
        name,
        status: 'fail',
        detail: `${what} does not work in ${os.tmpdir()}: ${lastLine(result)}`,
        remedy,
      };
    }
    return { name, status: 'ok', detail: 'worktrees, merges without a checkout, compare-and-swap of refs' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
