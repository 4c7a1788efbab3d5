import type { CallNeed, Grant } from '../contract/agent';
import { usdFromNano } from '../../domain/cost/money';
import { pricesOf, type TokenPrices } from '../../domain/cost/pricing';
import { anthropicUsage, promptTokens } from '../../domain/cost/token-usage';
import type { Turn } from './conversation';
import type { Params } from './model-call';

/** Below this, a turn is hardly worth its prompt: thinking alone would use it up. */
const FLOOR_TOKENS = 1_024;

/** What the API adds to a request by itself, mostly to explain tools. */
const HIDDEN_TOKENS = 500;

/** While others may give money back, an answer waits for room for this many tokens instead of being cut off. */
const COMFORT_TOKENS = 8_192;

export interface Call {
  model: string;
  /** An upper bound, see `worstPrompt`. */
  promptTokens: number;
  /** Tokens that its answer may have at most. */
  cap: number;
  /** The answer before was cut off: to cut off this one, too, would only cost money. */
  afterCutOff?: boolean;
}

/**
 * What a call may cost: with a prompt that is written to the cache in whole, and every token of the answer used. Null
 * when the model's price is not known.
 */
export function needOf({ model, promptTokens, cap, afterCutOff }: Call): CallNeed | null {
  const prices = pricesOf(model, promptTokens);
  if (!prices) return null;
  const withAnswer = (tokens: number) =>
    promptNano(prices, promptTokens) + Math.min(tokens, cap) * prices.output;
  return {
    leastNano: withAnswer(afterCutOff ? cap : FLOOR_TOKENS),
    comfortNano: withAnswer(afterCutOff ? cap : COMFORT_TOKENS),
    mostNano: withAnswer(cap),
  };
}

/** How many tokens the answer may have, so that even the call's worst case stays within what was granted. */
export function allowedTokens({ model, promptTokens, cap }: Call, grantedNano: number): number {
  const prices = pricesOf(model, promptTokens)!;
  return Math.min(cap, Math.floor((grantedNano - promptNano(prices, promptTokens)) / prices.output));
}

export function heldReason(
  { scope, remainingNano, uncertainNano }: Extract<Grant, { kind: 'held' }>,
  { leastNano }: CallNeed,
): string {
  const remaining = usd(Math.max(remainingNano, 0));
  const kept = uncertainNano ? ` (beside ${usd(uncertainNano)} kept for calls that broke off)` : '';
  return `the ${scope}'s budget has ${remaining} left${kept}, and another turn may take ${usd(leastNano)}`;
}

const promptNano = (prices: TokenPrices, tokens: number) =>
  tokens * Math.max(prices.input, prices.cacheWrite5m);

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

const usd = (nano: number) => `$${usdFromNano(nano).toFixed(4)}`;
