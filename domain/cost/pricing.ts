import { promptTokens, type TokenUsage } from './token-usage';

/** Nano-dollars for one token. A dollar per million tokens is 1,000 nano-dollars for one. */
export interface TokenPrices {
  input: number;
  output: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
}

interface ModelPrices {
  usual: TokenPrices;
  /** For the whole call, when its prompt has more tokens than this. */
  long?: { over: number; prices: TokenPrices };
}

const opus4 = { usual: perMillion(5, 25, 6.25, 10, 0.5) };

/** OpenAI's caches have an age of their own. */
const openai = (input: number, output: number, cacheWrite: number, cacheRead: number): ModelPrices => ({
  usual: perMillion(input, output, cacheWrite, cacheWrite, cacheRead),
});

/** Compared with the providers' price lists in November 2026. */
const PRICES: Record<string, ModelPrices> = {
  'claude-opus-5-5': { usual: perMillion(4, 20, 5, 8, 0.2) },
  'claude-sonnet-5-5': { usual: perMillion(2, 10, 2.5, 4, 0.1) },
  'claude-haiku-5-5': {
    usual: perMillion(0.1, 0.5, 0.125, 0.2, 0.01),
    long: { over: 100_000, prices: perMillion(0.5, 2.5, 0.625, 1, 0.05) },
  },
  'claude-fable-5-2': { usual: perMillion(8, 40, 10, 16, 0.2) },
  'claude-fable-5-1': { usual: perMillion(10, 50, 12.5, 20, 0.25) },
  'claude-fable-5': { usual: perMillion(10, 50, 12.5, 20, 1) },
  'claude-sonnet-5': { usual: perMillion(2, 10, 2.5, 4, 0.2) },
  'claude-opus-5': opus4,
  'claude-opus-4-8': opus4,
  'claude-opus-4-7': opus4,
  'claude-opus-4-6': opus4,
  'claude-opus-4-5': opus4,
  'claude-haiku-4-5': { usual: perMillion(1, 5, 1.25, 2, 0.1) },
  // Of prompts of up to 272,000 tokens, see `agents/codex/invocation.ts`.
  'gpt-6.2-astra': openai(8, 40, 10, 0.4),
  'gpt-6.2-sol': openai(2, 10, 2.5, 0.1),
  'gpt-6.1-sol': openai(2, 10, 2.5, 0.1),
  'gpt-6.1-terra': openai(1, 5, 1.25, 0.05),
  'gpt-6-astra': openai(10, 50, 12.5, 1),
  'gpt-6-sol': openai(2, 10, 2.5, 0.2),
  'gpt-6-luna': openai(0.1, 0.5, 0.125, 0.01),
  'gpt-5.6-sol': openai(4, 20, 5, 0.4),
  'gpt-5.6-terra': openai(2, 12, 2.5, 0.2),
  'gpt-5.6-luna': openai(0.2, 1.2, 0.25, 0.02),
  'gpt-5.5': openai(5, 30, 5, 0.5),
};

/** The prices of a call with a prompt of that many tokens; null for a model that is not in the table. */
export function pricesOf(model: string, tokensInPrompt: number): TokenPrices | null {
  const prices = PRICES[model] ?? PRICES[withoutDate(model)];
  if (!prices) return null;
  return prices.long && tokensInPrompt > prices.long.over ? prices.long.prices : prices.usual;
}

const KINDS = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const;

/** Nano-dollars; null when the model's price is not known. */
export function priceOf(model: string, usage: TokenUsage): number | null {
  const prices = pricesOf(model, promptTokens(usage));
  if (!prices) return null;
  return KINDS.reduce((sum, kind) => sum + usage[kind] * prices[kind], 0);
}

/** A full id may end in the date of its release: `claude-haiku-4-5-20251001`, `gpt-6-sol-2026-09-22`. */
const withoutDate = (model: string) => model.replace(/-20\d\d(-?)\d\d\1\d\d$/, '');

/** Dollars per million tokens, as price lists have it. */
function perMillion(
  input: number,
  output: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
  cacheRead: number,
): TokenPrices {
  const nano = (usd: number) => Math.round(usd * 1000);
  return {
    input: nano(input),
    output: nano(output),
    cacheWrite5m: nano(cacheWrite5m),
    cacheWrite1h: nano(cacheWrite1h),
    cacheRead: nano(cacheRead),
  };
}
