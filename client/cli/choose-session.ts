import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { getSession, latestSession, type Session } from '../../db/session/sessions';
import { UsageError } from './exit';
import type { Hint } from '../text/hint';

/** The session that is meant: the one with this number, or the project's latest. */
export async function sessionOf(
  db: Queryable,
  { id, name }: Project,
  { only, hint }: { only: number | undefined; hint: Hint },
): Promise<Session> {
  const session = only === undefined ? await latestSession(db, name) : await getSession(db, only);
  if (!session) throw new UsageError(`${name} has no session yet: ${hint('run', '--project', name)}`);
  if (session.projectId === id) return session;
  throw new UsageError(`--session: session ${only} is not one of ${name}`);
}
