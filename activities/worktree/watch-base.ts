import { noteFor } from '../../db/session/session-notes';
import { lookAtBase, rememberBase } from '../../git/landing/rewritten';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

/** Tells a person that the base branch was rewritten, once. Call it under the repository's lock. */
export async function watchBase(
  { db }: ActivityDependencies,
  site: Pick<Place, 'session' | 'project' | 'repository'>,
): Promise<void> {
  const { session, project, repository } = site;
  const { baseBranch } = project;
  const { is, rewritten } = await lookAtBase(repository, baseBranch);
  if (rewritten) {
    const { was, keptAt } = rewritten;
    const note =
      `${baseBranch} was rewritten: ${was.slice(0, 10)} is no longer part of it, and is kept at ${keptAt}; ` +
      'what was dropped comes back with an epic that contains it';
    await noteFor(db, { sessionId: session.id, note });
  }
  await rememberBase(repository, baseBranch, is);
}
