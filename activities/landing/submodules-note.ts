import { noteFor } from '../../db/session/session-notes';
import { commandOf } from '../../domain/session/shell-command';
import type { SubmodulesBehind } from '../../git/submodule/submodule-behind';
import type { ActivityDependencies } from '../scope/dependencies';
import type { Place } from '../scope/place';

/** Tells a person that their checkout has moved on, and its submodules have not. */
export async function noteSubmodules(
  { db }: ActivityDependencies,
  { session, project }: Pick<Place, 'session' | 'project'>,
  { checkout, paths, added }: SubmodulesBehind,
): Promise<void> {
  const update = ['submodule', 'update', ...(added ? ['--init'] : []), '--recursive', '--', ...paths];
  const command = commandOf(['git', '-C', checkout, ...update]);
  const note = `${project.baseBranch} has moved submodules of your checkout: ${command}`;
  await noteFor(db, { sessionId: session.id, note });
}
