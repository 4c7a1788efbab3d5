import { isAbsolute } from 'node:path';
import { SANDBOX } from '../../domain/worktree-environment';
import { AgentError } from '../contract/agent-error';
import { findProgram } from './find-program';

/**
 * The program that everything in a worktree is started by, with the command as its arguments; null where none is set.
 *
 * @throws AgentError `AgentUnavailable`: one is set and cannot be started. Nothing then runs without it.
 */
export async function requireSandbox(
  environment: Record<string, string | undefined>,
): Promise<string | null> {
  const program = environment[SANDBOX];
  if (!program) return null;
  if (isAbsolute(program) && (await findProgram(program, ''))) return program;
  throw new AgentError(
    'AgentUnavailable',
    `${SANDBOX} is ${program}, which is not the absolute path of a program: set it to one that starts what it gets as ` +
      'arguments (chmod +x), or unset it, and restart the worker with `yokeflow down && yokeflow up`',
  );
}
