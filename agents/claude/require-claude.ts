import { AgentError } from '../contract/agent-error';

/**
 * What the `claude` agent needs from the environment, to be asked for before anything is started.
 *
 * @throws AgentError `AgentUnavailable`, one line that says how to set the key and which agent needs none.
 */
export function requireClaude(environment: NodeJS.ProcessEnv): { apiKey: string; baseUrl?: string } {
  const apiKey = environment.ANTHROPIC_API_KEY?.trim() ?? '';
  const otherwise = 'or choose an agent that needs no key: --agent script';
  if (!apiKey)
    throw unavailable(`no API key for the agent "claude": set ANTHROPIC_API_KEY=sk-ant-..., ${otherwise}`);
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw unavailable(
      `ANTHROPIC_API_KEY holds blanks or other characters that no key has: set it anew, ${otherwise}`,
    );
  const baseUrl = environment.ANTHROPIC_BASE_URL?.trim();
  return baseUrl ? { apiKey, baseUrl } : { apiKey };
}

const unavailable = (message: string) => new AgentError('AgentUnavailable', message);
