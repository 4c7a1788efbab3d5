import { getProjectName } from './project-name';
import type { CodingSessionOutcome } from './coding-session';
import { readOptions, type StartCodingSessionsOptions } from './read-options';
import { withYokeflow } from './yokeflow';

/**
 * Runs the plan of a project and follows it to its end: starts the services where they are ours and do not run, and the
 * session, or takes part in the one that is open.
 *
 * @example
 * const { status } = await startCodingSessions({
 *   projectId: 'my-app',
 *   codingModel: 'sonnet',
 *   parallel: true,
 *   maxConcurrency: 4,
 *   mergeStrategy: 'squash',
 *   onProgress: (event) => console.log(event.type, event.task ?? ''),
 * });
 * @throws UsageError, in one line, for what a person has to change first
 */
export async function startCodingSessions(
  options: StartCodingSessionsOptions,
): Promise<CodingSessionOutcome> {
  const { projectId, connect, follow, input } = readOptions(options);
  return withYokeflow(connect, async (yokeflow) => {
    const project = await getProjectName(yokeflow, projectId);
    const session = await yokeflow.start({ ...input, project });
    return session.follow(follow);
  });
}
