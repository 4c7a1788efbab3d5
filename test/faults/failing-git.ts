import { launchWith } from '../../git/process/launch';
import { launchGit } from '../support/spawned-git';
import type { Occasions } from './occasions';

/** The arguments that every command begins with: where it works. */
const WHERE = 4;

/** By the repository's path. */
const watched = new Map<string, Occasions>();

/** From now on one git command fails that this process runs for a repository, until what is returned is called. */
export function failGit(repository: string, commands: Occasions): () => void {
  watched.set(repository, commands);
  launchWith(async (command, args, options) => {
    const [, its] = [...watched].find(([path]) => args.some((argument) => argument.startsWith(path))) ?? [];
    if (command !== 'git' || !its?.fails(args.slice(WHERE).join(' ')))
      return launchGit(command, args, options);
    return { exitCode: 128, stdout: '', stderr: 'fatal: unable to create file: No space left on device\n' };
  });
  return () => {
    watched.delete(repository);
    if (watched.size === 0) launchWith(launchGit);
  };
}
