import { join } from 'node:path';
import { failureOf, runScript } from '../agents/shell';
import { withRepositoryLock } from '../db/repository-lock';
import { addScratchWorktree, removeScratchWorktree } from '../git/scratch-worktree';
import type { ActivityDependencies } from './dependencies';
import type { Lease } from './lease';
import type { Place } from './place';
import { environmentOf } from './setup';
import { commandTimeoutMs } from './time-limit';

/** Runs the project's verify command on exactly the tree that would land. The reason when it is red, else null. */
export async function verifyCandidate(
  deps: ActivityDependencies,
  place: Place,
  commit: string,
  lease: Lease,
): Promise<string | null> {
  const { project, options, repository, branch } = place;
  const verify = options.verify ?? project.verify;
  if (!verify) return null;
  const path = join(project.repoPath, '.worktrees', `.verify-${branch}`);
  const locked = <T>(work: () => Promise<T>) => withRepositoryLock(deps.db, project.gitDir, work);
  await locked(() => addScratchWorktree(repository, { path, commit }));
  try {
    const steps = project.setup
      ? [['setup', project.setup] as const, ['verify', verify] as const]
      : [['verify', verify] as const];
    for (const [name, script] of steps) {
      const timeoutMs = commandTimeoutMs(options);
      const result = await runScript({
        script,
        directory: path,
        environment: { ...environmentOf(deps, place, null), YOKEFLOW_WORKTREE: path },
        timeoutMs,
        signal: lease.signal,
        onProcess: (process) => lease.onProcess(process),
        afterProcess: (process) => lease.afterProcess(process),
      });
      lease.signal.throwIfAborted();
      const reason = failureOf(`${name} of the merged tree`, result, timeoutMs);
      if (reason) return reason;
    }
    return null;
  } finally {
    await locked(() => removeScratchWorktree(repository, path));
  }
}
