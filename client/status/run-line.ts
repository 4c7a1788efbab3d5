import type { Session } from '../../db/session/sessions';
import type { Hint } from '../text/hint';

/** The command that runs the project again as this session did. */
export function runLine({ project, options }: Pick<Session, 'project' | 'options'>, hint: Hint): string {
  const parallel = options.parallel === true ? ['--parallel'] : [];
  return hint('run', '--project', project, ...parallel);
}
