import type { RunEnd } from '../cli/agent';
import { AgentError } from '../contract/agent-error';
import { cutText } from '../../domain/cut-text';
import { UNKNOWN_LIMIT_MS } from '../provider/usage-limits';

const MAX_REASON = 300;

/** What an error of Codex means. It comes as text alone, with the status of the call in it. */
export function troubleOf(said: string): RunEnd | AgentError {
  const reason = cutText(said.trim().split('\n')[0]!, MAX_REASON);
  const status = Number(/status:? (\d{3})/i.exec(said)?.[1] ?? 0);
  if (/not logged in|missing (?:api key|environment variable)/i.test(said))
    return new AgentError(
      'AgentUnavailable',
      `Codex is not logged in (${reason}): run \`codex login\` as the worker's user, or set OPENAI_API_KEY for the worker`,
    );
  if ([401, 402, 403, 404].includes(status) || /quota exceeded|insufficient_quota/i.test(said))
    return new AgentError(
      'ProviderRefused',
      `the API refuses Codex: ${reason}; check the key (OPENAI_API_KEY) or login, its billing and the model, then run again`,
    );
  if (status === 429 || /usage limit|rate limit/i.test(said))
    return { kind: 'held', why: 'limit', reason, forMs: UNKNOWN_LIMIT_MS };
  if (status >= 500 || /stream disconnected|error sending request|connection|timed? ?out/i.test(said))
    return new AgentError('ProviderUnavailable', `Codex cannot reach the API: ${reason}; it is tried again`);
  return { kind: 'failed', reason: `Codex: ${reason}`, output: said };
}

/** It says so on stderr, and starts nothing. */
export const isUnknownThread = (stderr: string): boolean => /no rollout found|thread not found/i.test(stderr);
