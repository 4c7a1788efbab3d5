import type { Project } from '../../db/project/projects';
import type { Worktree } from '../../db/worktree/worktrees';
import { laneEnvironment } from '../../domain/lane-environment';
import { lastLine, runCommand } from '../../services/command';

const TIMEOUT_MS = 10 * 60_000;
/** As an agent's: no key or database address gets in. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TERM'];

/** Runs the project's `cleanup` command in a worktree that is about to go. Why it failed, or null. */
export async function cleanUpAfter(project: Project, worktree: Worktree): Promise<string | null> {
  if (!project.cleanup) return null;
  const passed = PASSED.map((name) => [name, process.env[name]] as const);
  const { epic, port, path: directory } = worktree;
  const env = {
    ...Object.fromEntries(passed.filter(([, value]) => value !== undefined)),
    ...laneEnvironment({ project: project.name, epic, port, directory }),
  };
  const script = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', project.cleanup];
  const result = await runCommand('bash', script, { cwd: directory, env, timeoutMs: TIMEOUT_MS });
  return result.code === 0 ? null : `cleanup ended with exit code ${result.code}: ${lastLine(result)}`;
}
