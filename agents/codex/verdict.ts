import type { RunEnd } from '../cli/agent';
import type { BrokenAnswers } from '../cli/broken-answers';
import { reasonIn } from '../cli/reason';
import { refusal, REFUSING } from '../cli/refusal';
import { AgentError } from '../contract/agent-error';
import { limitIn } from '../provider/reset-time';

const NO_LOGIN =
  /not logged in|missing (?:api key|environment variable)|token could not be refreshed|(?:log|sign) in again/i;
const REFUSED =
  /quota exceeded|insufficient_quota|with your ChatGPT plan|out of credits|spend cap|you do not have access to it/i;
const PASSING =
  /stream disconnected|error sending request|reading the server response|connection|timed? ?out|rate limit|at capacity|high demand/i;

const CODEX = { name: 'Codex', keyVariable: 'OPENAI_API_KEY' };

/** Not an API that is away or says what is wrong with it: an answer that had begun, and is paid. */
export const BROKEN_STREAMS: BrokenAnswers = {
  name: 'Codex',
  baseUrlVariable: 'OPENAI_BASE_URL',
  broken: /stream disconnected before completion: (?:transport error|stream closed|idle timeout)/i,
  most: 5,
};

/** It calls that a broken stream, and the same conversation would get it again. */
const FILTERED = /reason: content_filter/;

/** What an error of Codex means. It comes as text alone, with the status of the call in it, if there was one. */
export function troubleOf(said: string, now = Date.now()): RunEnd | AgentError {
  const reason = reasonIn(said.replace(/^Reconnecting\.\.\. \d+\/\d+ \((.*)\)$/s, '$1'));
  const status = Number(/status:? (\d{3})/i.exec(said)?.[1] ?? 0);
  if (NO_LOGIN.test(said))
    return new AgentError(
      'AgentUnavailable',
      `Codex is not logged in (${reason}): run \`codex login\` as the worker's user, or set OPENAI_API_KEY for the worker`,
    );
  if (REFUSING.has(status) || REFUSED.test(said)) return refusal(CODEX, { reason, status });
  if (/usage limit/i.test(said)) return { kind: 'held', why: 'limit', reason, ...limitIn(said, now) };
  if (!FILTERED.test(said) && (status >= 500 || status === 429 || PASSING.test(said)))
    return new AgentError('ProviderUnavailable', `Codex cannot reach the API: ${reason}; it is tried again`);
  return { kind: 'failed', reason: `Codex: ${reason}`, output: said };
}

/** It says so on stderr, and starts nothing. */
export const isUnknownThread = (stderr: string): boolean => /no rollout found|thread not found/i.test(stderr);
