import { AgentError } from '../contract/agent-error';
import { findProgram } from '../process/find-program';

/** @throws AgentError `AgentUnavailable`, one line that says how to install it. */
export async function requireProgram(
  { program, install, agent }: { program: string; install: string; agent: string },
  environment: Record<string, string | undefined>,
): Promise<string> {
  const found = await findProgram(program, environment.PATH ?? '');
  if (found) return found;
  throw new AgentError(
    'AgentUnavailable',
    `the agent "${agent}" needs the program ${program}, which is not on the worker's PATH: ` +
      `install it (${install}) and restart the worker, or choose another agent with --agent`,
  );
}
