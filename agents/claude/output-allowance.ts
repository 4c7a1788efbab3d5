import type { Budget } from '../agent';
import { pricesOf, type TokenPrices } from '../../domain/pricing';
import { anthropicUsage, promptTokens } from '../../domain/token-usage';
import type { Turn } from './conversation';
import type { Params } from './model-call';

/** Below this, a turn is hardly worth its prompt: thinking alone would use it up. */
const FLOOR_TOKENS = 1_024;

/** What the API adds to a request by itself, mostly to explain tools. */
const HIDDEN_TOKENS = 500;

export interface Need {
  model: string;
  budget: Budget;
  /** What failed calls may have cost beyond what is recorded. */
  reservedNano: number;
  /** An upper bound, see `worstPrompt`. */
  promptTokens: number;
  cap: number;
}

/**
 * How many tokens the next response may have, so that even its worst case stays within the budget: a prompt that is
 * written to the cache in whole, and every token of the answer used.
 */
export function outputAllowance(need: Need): { maxTokens: number } | { held: string } {
  const { budget, model, cap } = need;
  if (budget.remainingNano === null) return { maxTokens: cap };
  const prices = pricesOf(model, need.promptTokens);
  if (!prices)
    return { held: `the price of ${model} is not known, so the ${budget.scope}'s budget cannot be kept` };
  const left = budget.remainingNano - need.reservedNano - promptNano(prices, need.promptTokens);
  const maxTokens = Math.min(cap, Math.floor(left / prices.output));
  if (maxTokens >= Math.min(FLOOR_TOKENS, cap)) return { maxTokens };
  const remaining = usd(Math.max(budget.remainingNano, 0));
  const turn = usd(promptNano(prices, need.promptTokens) + Math.min(FLOOR_TOKENS, cap) * prices.output);
  const reserved = need.reservedNano ? ` (${usd(need.reservedNano)} of it kept for failed calls)` : '';
  return {
    held: `the ${budget.scope}'s budget has ${remaining} left${reserved}, and another turn may take ${turn}`,
  };
}

const promptNano = (prices: TokenPrices, tokens: number) =>
  tokens * Math.max(prices.input, prices.cacheWrite5m ?? 0);

/**
 * An upper bound of the tokens in a prompt. What the last response was made from is known from its usage; the rest
 * counts one token for two bytes, which holds for prose and code, if not for every string of random bytes.
 */
export function worstPrompt(params: Omit<Params, 'max_tokens'>, last: Turn | undefined): number {
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const { system, tools, messages } = params;
  const whole = Math.ceil(bytes({ system, tools, messages }) / 2) + HIDDEN_TOKENS;
  if (!last) return whole;
  const usage = anthropicUsage(last.usage);
  const known = promptTokens(usage) + usage.output;
  const added = messages.at(-1)?.role === 'user' ? bytes(messages.at(-1)) : 0;
  return Math.min(whole, known + Math.ceil(added / 2) + HIDDEN_TOKENS);
}

/** What a call may cost at most beyond `usage`, in nano-dollars; 0 when the price is not known. */
export function worstRemainder(model: string, params: Params, usage: unknown): number {
  const known = anthropicUsage(usage);
  const inPrompt = usage ? promptTokens(known) : worstPrompt(params, undefined);
  const prices = pricesOf(model, inPrompt);
  if (!prices) return 0;
  const output = Math.max(params.max_tokens - known.output, 0) * prices.output;
  return usage ? output : promptNano(prices, inPrompt) + output;
}

const usd = (nano: number) => `$${(nano / 1e9).toFixed(4)}`;
