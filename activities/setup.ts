import { agentEnvironment } from '../agents/environment';
import { failureOf, runScript } from '../agents/shell';
import { markSetupDone } from '../db/worktree-status';
import type { ActivityDependencies } from './dependencies';
import type { Lease } from './lease';
import type { Place } from './place';
import { commandTimeoutMs } from './time-limit';

export interface CommandFailure {
  reason: string;
  outputTail: string;
}

/** The project's `setup` command, once in each new worktree. Null when there is none, or it worked. */
export async function runSetup(
  deps: ActivityDependencies,
  place: Place,
  lease: Lease,
): Promise<CommandFailure | null> {
  const { project, worktree } = place;
  if (!project.setup || worktree.setupDoneAt) return null;
  const timeoutMs = commandTimeoutMs(place.options);
  const result = await runScript({
    script: project.setup,
    directory: worktree.path,
    environment: environmentOf(deps, place, null),
    timeoutMs,
    signal: lease.signal,
    onProcess: (process) => lease.onProcess(process),
    afterProcess: (process) => lease.afterProcess(process),
  });
  const reason = failureOf('setup', result, timeoutMs);
  if (reason) return { reason, outputTail: result.output };
  await markSetupDone(deps.db, worktree.id);
  return null;
}

/** The environment of what runs in a lane's worktree for a task, or for the project itself. */
export function environmentOf(
  deps: ActivityDependencies,
  place: Place,
  task: number | null,
): Record<string, string> {
  return agentEnvironment(deps.environment, {
    project: place.project.name,
    task,
    epic: place.epic,
    directory: place.worktree.path,
    identity: place.repository.identity,
  });
}
