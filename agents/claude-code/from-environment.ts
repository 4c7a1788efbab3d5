import type { Agent } from '../contract/agent';
import { stateDirectory } from '../cli/state-directory';
import { planToolsFrom } from './plan-tools';
import { createClaudeCodeAgent, requireClaudeCode } from './agent';

interface Settings {
  /** The worker's own. */
  environment: NodeJS.ProcessEnv;
  redact: (text: string) => string;
}

/**
 * With ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN the CLI uses that, and what the model runs sees it; without, the user's
 * own login.
 *
 * @throws AgentError `AgentUnavailable` when the CLI is not installed.
 */
export async function claudeCodeFromEnvironment({ environment, redact }: Settings): Promise<Agent> {
  return createClaudeCodeAgent({
    program: await requireClaudeCode({}, environment),
    apiKey: environment.ANTHROPIC_API_KEY?.trim() || undefined,
    oauthToken: environment.CLAUDE_CODE_OAUTH_TOKEN?.trim() || undefined,
    baseUrl: environment.ANTHROPIC_BASE_URL?.trim() || undefined,
    stateDirectory: stateDirectory(environment),
    planTools: planToolsFrom(environment),
    redact,
  });
}
