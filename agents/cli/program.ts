import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { AgentError } from '../contract/agent-error';

/** Finds an executable as a shell would; null when there is none. A name with a slash is a path already. */
export async function findProgram(name: string, path: string): Promise<string | null> {
  const candidates =
    isAbsolute(name) || name.includes('/')
      ? [name]
      : path.split(delimiter).map((folder) => join(folder || '.', name));
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

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
