import { failureOf, runScript } from '../../agents/process/shell';
import type { Project } from '../../db/project/projects';
import type { Worktree } from '../../db/worktree/worktrees';
import { worktreeEnvironment } from '../../domain/worktree-environment';
import type { Repository } from '../../git/repository/repository';
import type { Owner } from './lease';

const TIMEOUT_MS = 10 * 60_000;

export interface CleanupPlace {
  project: Project;
  worktree: Worktree;
  identity: Repository['identity'];
  owner: Owner;
  signal: AbortSignal;
}

/** Runs the project's `cleanup` command in a worktree that is about to go, as a session would. Why it failed, or null. */
export async function cleanUpAfter({
  project,
  worktree,
  identity,
  owner,
  signal,
}: CleanupPlace): Promise<string | null> {
  if (!project.cleanup) return null;
  const { epic, port, path: directory } = worktree;
  const place = { project: project.name, task: null, epic, port, directory, identity };
  const environment = worktreeEnvironment(process.env, place);
  const { onProcess, afterProcess } = owner;
  const request = { script: project.cleanup, directory, environment, timeoutMs: TIMEOUT_MS, signal };
  const result = await runScript({ ...request, onProcess, afterProcess });
  if (signal.aborted) return 'cleanup was interrupted';
  // Whoever sees this has the terminal in which it ran.
  return failureOf('cleanup', result, { timeoutMs: TIMEOUT_MS, redact: (text) => text }) || null;
}
