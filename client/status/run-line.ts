import type { Session } from '../../db/session/sessions';
import { flagsOf } from '../../domain/session/run-flags';
import type { Hint } from '../text/hint';

/** The command that runs the project again as this session did, with all of its epics. */
export function runLine({ project, options }: Pick<Session, 'project' | 'options'>, hint: Hint): string {
  return hint('run', '--project', project, ...flagsOf(options));
}
