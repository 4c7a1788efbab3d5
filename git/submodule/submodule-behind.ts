import { GITLINK, readable, type Change } from '../content/diff';
import type { Git } from '../process/runner';
import { submoduleHead } from './submodules';

/** Submodules whose link a landing has changed in a checkout, and that do not stand there. */
export interface SubmodulesBehind {
  checkout: string;
  paths: string[];
  /** Some of them are new there. */
  added: boolean;
}

/**
 * What of a checkout's submodules is left to the person whose checkout it is: git moves the link alone, and what is
 * inside may be at work. One that is not checked out is not missed.
 */
export async function submodulesBehind(git: Git, changes: Change[]): Promise<SubmodulesBehind | null> {
  const links = changes.filter(({ newMode }) => newMode === GITLINK);
  const heads = await Promise.all(links.map(({ path }) => submoduleHead(git, readable(path))));
  const behind = links.filter(({ oldMode, newObject }, index) => {
    const head = heads[index]!;
    return head ? head.commit !== newObject : oldMode !== GITLINK;
  });
  if (behind.length === 0) return null;
  return {
    checkout: git.workTree!,
    paths: behind.map(({ path }) => readable(path)),
    added: behind.some(({ oldMode }) => oldMode !== GITLINK),
  };
}
