import type { Agent } from '../contract/agent';
import { stateDirectory } from '../cli/state-directory';
import { createCodexAgent, requireCodex } from './agent';

interface Settings {
  /** The worker's own. */
  environment: NodeJS.ProcessEnv;
  redact: (text: string) => string;
}

/**
 * With OPENAI_API_KEY the CLI uses that key, and what the model runs sees it; without, the user's own login.
 *
 * @throws AgentError `AgentUnavailable` when the CLI is not installed.
 */
export async function codexFromEnvironment({ environment, redact }: Settings): Promise<Agent> {
  return createCodexAgent({
    program: await requireCodex({}, environment),
    apiKey: environment.OPENAI_API_KEY?.trim() || undefined,
    baseUrl: environment.OPENAI_BASE_URL?.trim() || undefined,
    stateDirectory: stateDirectory(environment),
    redact,
  });
}
