import type { Queryable } from '../../db/connection/connection';
import { noteFor } from '../../db/session/session-notes';
import { makeWhole } from '../../git/worktree/whole';
import type { Place } from '../scope/place';

/** Takes back what an agent made of its worktree as such. A person hears where a repository of its own making is kept. */
export async function makePlaceWhole(
  db: Queryable,
  { repository, worktree, branch, session }: Place,
  task: number,
): Promise<void> {
  const kept = await makeWhole(repository, worktree.path);
  if (!kept) return;
  const note =
    `T${task} made a repository of its own in the worktree of ${branch}: its files count, ` +
    `its commits are on no branch, and are kept in ${kept}`;
  await noteFor(db, { sessionId: session.id, task, note });
}
