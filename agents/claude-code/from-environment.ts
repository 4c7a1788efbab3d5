import type { Agent } from '../contract/agent';
import type { AgentSettings } from '../contract/agent-settings';
import { planToolsFrom } from './plan-tools';
import { createClaudeCodeAgent, requireClaudeCode } from './agent';

/**
 * With ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN the CLI uses that, and what the model runs sees it; without, the user's
 * own login.
 *
 * @throws AgentError `AgentUnavailable` when the CLI is not installed.
 */
export async function claudeCodeFromEnvironment({
  environment,
  stateDirectory,
  redact,
}: AgentSettings): Promise<Agent> {
  return createClaudeCodeAgent({
    program: await requireClaudeCode({}, environment),
    apiKey: environment.ANTHROPIC_API_KEY?.trim() || undefined,
    oauthToken: environment.CLAUDE_CODE_OAUTH_TOKEN?.trim() || undefined,
    baseUrl: environment.ANTHROPIC_BASE_URL?.trim() || undefined,
    stateDirectory,
    planTools: planToolsFrom(environment),
    redact,
  });
}
