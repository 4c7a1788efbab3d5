import type { Queryable } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { findSession, latestSession, type Session } from '../../db/session/sessions';
import { UsageError } from './exit';
import type { Hint } from '../text/hint';

/** The session that is meant: the one with this number, or the project's latest. */
export async function sessionOf(
  db: Queryable,
  project: Project,
  { only, hint }: { only: number | undefined; hint: Hint },
): Promise<Session> {
  if (only !== undefined) return ownSession(db, project, only, hint);
  const latest = await latestSession(db, project.name);
  if (latest) return latest;
  throw new UsageError(
    `${project.name} has no session yet: ${hint('run', '--project', project.name, '--parallel')}`,
  );
}

/** The session with this number, of this project. */
export async function ownSession(
  db: Queryable,
  { id, name }: Project,
  number: number,
  hint: Hint,
): Promise<Session> {
  const session = await findSession(db, number);
  if (session?.projectId === id) return session;
  const list = hint('costs', '--project', name);
  throw new UsageError(`--session: session ${number} is not one of ${name}: ${list} lists them`);
}
