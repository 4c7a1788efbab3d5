import type { RunEnd } from '../cli/agent';
import { AgentError } from '../contract/agent-error';
import { cutText } from '../../domain/cut-text';
import { UNKNOWN_LIMIT_MS } from '../provider/usage-limits';
import type { ResultEvent } from './events';

/** What the CLI said on its way to the result. */
export interface Hints {
  /** Its word for what went wrong with a call: `authentication_failed`, `rate_limit`, ... */
  error?: string;
  /** Unix time in seconds at which a usage limit ends. */
  resetsAt?: number;
}

const NOT_ALLOWED = new Set([401, 402, 403, 404]);
const MAX_REASON = 300;

/**
 * What a result event means. A failed call says `subtype: "success"` too, and of what else went wrong not every version
 * sets `is_error`.
 *
 * @returns an AgentError, not thrown yet, for trouble that is not the work's.
 */
export function verdictOf(result: ResultEvent, hints: Hints, now = Date.now()): RunEnd | AgentError {
  const said = result.result || result.errors.join('; ') || result.subtype;
  if (!result.is_error && !result.subtype.startsWith('error')) return { kind: 'done', output: said };
  if (/No conversation found/i.test(said)) return { kind: 'lost', reason: said, output: said };
  if (result.subtype === 'error_max_budget_usd')
    return { kind: 'held', why: 'budget', reason: 'the budget that was left is spent' };
  return troubleOf(result.api_error_status ?? null, said, hints, now);
}

/** What a failed call to the API means. */
export function troubleOf(
  status: number | null,
  said: string,
  { error, resetsAt }: Hints,
  now = Date.now(),
): RunEnd | AgentError {
  const reason = cutText(said.trim().split('\n')[0]!, MAX_REASON);
  if (/not logged in/i.test(said)) return new AgentError('AgentUnavailable', loginAdvice(reason));
  if (NOT_ALLOWED.has(status ?? 0) || error === 'authentication_failed' || error === 'billing_error')
    return new AgentError('ProviderRefused', refusalAdvice(reason));
  if (status === 429 || error === 'rate_limit')
    return { kind: 'held', why: 'limit', reason, forMs: msUntil(resetsAt ?? resetIn(said), now) };
  const passing = (status !== null && status >= 500) || error === 'server_error' || /^API Error/.test(said);
  if (passing && status !== 400 && status !== 413)
    return new AgentError(
      'ProviderUnavailable',
      `Claude Code cannot reach the API: ${reason}; it is tried again`,
    );
  return { kind: 'failed', reason: `Claude Code: ${reason}`, output: said };
}

const loginAdvice = (reason: string) =>
  `Claude Code is not logged in (${reason}): run \`claude\` once as the worker's user, or set ANTHROPIC_API_KEY for the worker`;

const refusalAdvice = (reason: string) =>
  `the API refuses Claude Code: ${reason}; check the key (ANTHROPIC_API_KEY) or login, its billing and the model, then run again`;

/** Some versions end the text with the time: `Claude AI usage limit reached|1795475469`. */
const resetIn = (said: string): number | undefined => {
  const seconds = /\|(\d{10})\b/.exec(said)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
};

function msUntil(seconds: number | undefined, now: number): number {
  if (seconds === undefined) return UNKNOWN_LIMIT_MS;
  return Math.max(seconds * 1000 - now, 1_000);
}
