import type { RunEnd } from '../cli/agent';
import type { BrokenAnswers } from '../cli/broken-answers';
import { reasonIn } from '../cli/reason';
import { refusal, REFUSING } from '../cli/refusal';
import { unfinished, WORDLESS } from '../cli/unfinished';
import { AgentError } from '../contract/agent-error';
import { resetTimeIn } from '../provider/reset-time';
import type { ResultEvent } from './events';

const CLAUDE_CODE = { name: 'Claude Code', keyVariable: 'ANTHROPIC_API_KEY' };

/** What the CLI said on its way to the result. */
export interface Hints {
  /** Its word for what went wrong with a call: `authentication_failed`, `rate_limit`, ... */
  error?: string;
  /** Unix time in seconds at which a usage limit ends. */
  resetsAt?: number;
}

/** Something on the way answers in the API's place, or cuts off what it says. */
export const NO_ANSWERS: BrokenAnswers = {
  name: 'Claude Code',
  baseUrlVariable: 'ANTHROPIC_BASE_URL',
  broken: /empty or malformed response|stream idle timeout|partial response/i,
  most: 10,
};

const REFUSED = new Set(['authentication_failed', 'billing_error']);
/** Of these, older versions tell nothing but the text. */
const LIMIT = /\blimit\b.*\bresets\b|usage limit reached/i;
const REFUSAL = /issue with the selected model|invalid api key|credit balance is too low/i;
/** The limit that the account's owner has set for the month, which the CLI tells like a mistake in the request. */
const SPENT = /API usage limits/i;
/** Of these, the same conversation would get more. */
const LASTING = new Set(['invalid_request', 'max_output_tokens']);

/**
 * What a result event means. A failed call says `subtype: "success"` too, and of what else went wrong not every version
 * sets `is_error`.
 *
 * @returns an AgentError, not thrown yet, for trouble that is not the work's.
 */
export function verdictOf(result: ResultEvent, hints: Hints, now = Date.now()): RunEnd | AgentError {
  if (!result.is_error && !result.subtype.startsWith('error')) return endOf(result);
  const said = result.result || result.errors.join('; ') || result.subtype;
  if (/No conversation found/i.test(said)) return { kind: 'lost', reason: said, output: said };
  if (result.subtype === 'error_max_budget_usd')
    return { kind: 'held', why: 'budget', reason: 'the budget that was left is spent' };
  // What went wrong with a call earlier on has nothing to do with it.
  if (result.subtype === 'error_max_turns') return failed(said);
  return troubleOf(result.api_error_status ?? null, said, hints, now);
}

/** Of a model that was not through with its work, and of one that said nothing, the CLI says that all is well, too. */
function endOf({ result: said, stop_reason: reason }: ResultEvent): RunEnd {
  if (reason === 'refusal') return failed(said || 'the model refused to do the task');
  if (!ENDS.has(reason ?? 'end_turn'))
    return unfinished(CLAUDE_CODE.name, `ended in the middle of its work (${reason})`, said);
  return said.trim() ? { kind: 'done', output: said } : unfinished(CLAUDE_CODE.name, WORDLESS, said);
}

const ENDS = new Set(['end_turn', 'stop_sequence']);

/** What a failed call to the API means. */
export function troubleOf(
  told: number | null,
  said: string,
  { error, resetsAt }: Hints,
  now = Date.now(),
): RunEnd | AgentError {
  const status = told ?? statusIn(said);
  const reason = reasonIn(said);
  if (/not logged in/i.test(said)) return new AgentError('AgentUnavailable', loginAdvice(reason));
  const refused = REFUSED.has(error ?? '') || REFUSAL.test(said) || (status === 400 && SPENT.test(said));
  if (refused || REFUSING.has(status ?? 0)) return refusal(CLAUDE_CODE, { reason, status });
  if (status === 429 || error === 'rate_limit' || LIMIT.test(said))
    return { kind: 'held', why: 'limit', reason, ...limitOf(resetsAt ?? resetIn(said, now), now) };
  const passing = (status !== null && status >= 500) || error === 'server_error' || PASSING.test(said);
  const lasting = status === 400 || status === 413 || LASTING.has(error ?? '') || CUT_OFF.test(said);
  if (passing && !lasting)
    return new AgentError(
      'ProviderUnavailable',
      `Claude Code cannot reach the API: ${reason}; it is tried again`,
    );
  return failed(said);
}

const failed = (said: string): RunEnd => ({
  kind: 'failed',
  reason: `Claude Code: ${reasonIn(said)}`,
  output: said,
});

/** Of these, too. */
const PASSING = /^(API Error|Request timed out)/;

/** Of an answer that is too long, or that the model refuses, older versions tell nothing but the text. */
const CUT_OFF = /output token maximum|violate our usage policy/i;

/** Not every version tells it beside the text. */
const statusIn = (said: string): number | null => {
  const status = /\bAPI Error: (\d{3})\b/.exec(said)?.[1];
  return status === undefined ? null : Number(status);
};

const loginAdvice = (reason: string) =>
  `Claude Code is not logged in (${reason}): run \`claude\` once as the worker's user, or set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN for the worker`;

/** Some versions end the text with the time, `Claude AI usage limit reached|1795475469`, others say it to people only. */
function resetIn(said: string, now: number): number | undefined {
  const seconds = /\|(\d{10})\b/.exec(said)?.[1];
  if (seconds !== undefined) return Number(seconds);
  const time = resetTimeIn(said, now);
  return time === undefined ? undefined : time / 1000;
}

const limitOf = (seconds: number | undefined, now: number): { forMs?: number } =>
  seconds === undefined ? {} : { forMs: Math.max(seconds * 1000 - now, 1_000) };
