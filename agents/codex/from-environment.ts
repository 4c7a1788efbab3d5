import type { Agent } from '../contract/agent';
import type { AgentSettings } from '../contract/agent-settings';
import { createCodexAgent, requireCodex } from './agent';

/**
 * With OPENAI_API_KEY the CLI uses that key, and what the model runs sees it; without, the user's own login.
 *
 * @throws AgentError `AgentUnavailable` when the CLI is not installed.
 */
export async function codexFromEnvironment({
  environment,
  stateDirectory,
  redact,
}: AgentSettings): Promise<Agent> {
  return createCodexAgent({
    program: await requireCodex({}, environment),
    apiKey: environment.OPENAI_API_KEY?.trim() || undefined,
    baseUrl: environment.OPENAI_BASE_URL?.trim() || undefined,
    stateDirectory,
    redact,
  });
}
