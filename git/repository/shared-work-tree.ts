import { join } from 'node:path';
import { commandOf } from '../../domain/session/shell-command';
import { gitOf } from './repository';
import type { Repository } from './repository';

/**
 * Settings of the checkout itself that git obeys in every worktree once `extensions.worktreeConfig` is on: by `core.worktree`
 * whatever an agent's git does there is done to the user's own checkout, and by `core.bare` it does nothing at all.
 * @returns the commands that move them to where only the checkout has them; none where nothing is wrong
 */
export async function commandsToMoveShared({ gitDir, ...repo }: Repository): Promise<string> {
  const shared = join(gitDir, 'config');
  const valueOf = async (...key: string[]) => {
    const args = ['config', '--file', shared, ...key];
    return (await gitOf({ ...repo, gitDir }).run(args, { accept: [0, 1] })).stdout.trim();
  };
  if ((await valueOf('--type=bool', 'extensions.worktreeConfig')) !== 'true') return '';
  const found = {
    'core.worktree': await valueOf('core.worktree'),
    'core.bare': (await valueOf('--type=bool', 'core.bare')) === 'true' ? 'true' : '',
  };
  return Object.entries(found)
    .filter(([, value]) => value !== '')
    .flatMap(([key, value]) => [
      commandOf(['git', 'config', '--file', join(gitDir, 'config.worktree'), key, value]),
      commandOf(['git', 'config', '--file', shared, '--unset-all', key]),
    ])
    .join(' && ');
}
