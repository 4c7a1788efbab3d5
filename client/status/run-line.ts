import type { Queryable } from '../../db/connection/connection';
import { latestSession, type Session } from '../../db/session/sessions';
import { flagsOf } from '../../domain/session/run-flags';
import type { RunInput } from '../../domain/session/run-input';
import type { Hint } from '../text/hint';

/** The command that runs the project again as this session did, with all of its epics. */
export function runLine({ project, options }: Pick<Session, 'project' | 'options'>, hint: Hint): string {
  return hint('run', '--project', project, ...flagsOf(options));
}

/** The same as the latest session of the project did, if there is one, but for what is given. */
export async function nextRunLine(
  db: Queryable,
  project: string,
  hint: Hint,
  given: Partial<RunInput> = {},
): Promise<string> {
  const latest = await latestSession(db, project);
  return runLine({ project, options: { ...latest?.options, ...given } }, hint);
}
