import type { RunInput } from '../../domain/session/run-input';
import { getProjectName } from './project-name';
import type { CodingSessionOutcome, FollowOptions } from './coding-session';
import { withYokeflow, type ConnectOptions, type ProjectId } from './yokeflow';

export interface StartCodingSessionsOptions
  extends Omit<RunInput, 'project' | 'model'>, FollowOptions, ConnectOptions {
  /** The project's name, or the id that `importPlan` returned. */
  projectId: ProjectId;
  /** For tasks that name none: `haiku`, `sonnet`, `opus`, `auto` or a full model id. */
  codingModel?: string;
}

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
  const { projectId, codingModel, onProgress, onNotice, signal, env, worker, ...input } = options;
  return withYokeflow({ env, worker, onNotice }, async (yokeflow) => {
    const project = await getProjectName(yokeflow, projectId);
    const session = await yokeflow.start({
      ...input,
      project,
      ...(codingModel === undefined ? {} : { model: codingModel }),
    });
    return session.follow({ onProgress, onNotice, signal });
  });
}
