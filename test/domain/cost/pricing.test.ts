import { priceOf, pricesOf } from '../../../domain/cost/pricing';
import { anthropicUsage, NO_TOKENS, promptTokens, type TokenUsage } from '../../../domain/cost/token-usage';

const million = (usage: Partial<TokenUsage>): TokenUsage => {
  const tokens = Object.entries(usage).map(([kind, millions]) => [kind, millions * 1_000_000]);
  return { ...NO_TOKENS, ...(Object.fromEntries(tokens) as Partial<TokenUsage>) };
};
const usd = (nano: number | null) => (nano === null ? null : nano / 1e9);

test.each([
  ['claude-opus-5-5', { input: 1 }, 4],
  ['claude-opus-5-5', { output: 1 }, 20],
  ['claude-opus-5-5', { cacheWrite5m: 1, cacheWrite1h: 1, cacheRead: 1 }, 5 + 8 + 0.2],
  ['claude-sonnet-5-5', { input: 1, output: 1 }, 12],
  ['claude-sonnet-5-5', { cacheWrite5m: 1, cacheWrite1h: 1, cacheRead: 1 }, 2.5 + 4 + 0.1],
  ['claude-sonnet-5', { cacheWrite5m: 1, cacheWrite1h: 1, cacheRead: 1 }, 2.5 + 4 + 0.2],
  ['claude-haiku-5-5', { output: 1 }, 0.5],
  ['claude-opus-4-7', { input: 1, output: 1, cacheRead: 1 }, 30.5],
  ['claude-opus-4-5-20251101', { input: 1 }, 5],
  ['claude-fable-5-2', { input: 1, output: 1, cacheWrite5m: 1, cacheWrite1h: 1, cacheRead: 1 }, 74.2],
  ['gpt-6.2-astra', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 58.4],
  ['gpt-6.2-sol', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 14.6],
  ['gpt-6-sol-2026-09-22', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 14.7],
  ['gpt-6.1-terra', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 7.3],
  ['gpt-5.5', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 40.5],
  ['claude-fable-5-1', { input: 1, output: 1, cacheWrite5m: 1, cacheRead: 1 }, 72.75],
])('%s, %j million tokens: $%d', (model, usage, price) => {
  expect(usd(priceOf(model, million(usage)))).toBe(price);
});

test.each([
  ['claude-haiku-5-5', { ...NO_TOKENS, input: 100_000 }, 100_000 * 100],
  ['claude-haiku-5-5', { ...NO_TOKENS, input: 100_001 }, 100_001 * 500],
  [
    'claude-haiku-5-5',
    { ...NO_TOKENS, input: 1, cacheRead: 99_999, cacheWrite5m: 1 },
    500 + 99_999 * 50 + 625,
  ],
  ['claude-haiku-5-5', { ...NO_TOKENS, output: 200_000 }, 200_000 * 500],
  ['claude-sonnet-5-5', { ...NO_TOKENS, cacheRead: 7 }, 700],
])('%s, %j tokens: %d nano-dollars', (model, usage, nano) => {
  expect(priceOf(model, usage)).toBe(nano);
});

test('what is not known has no price, not a price of 0', () => {
  expect(priceOf('claude-unheard-of', NO_TOKENS)).toBeNull();
  expect(priceOf('constructor', NO_TOKENS)).toBeNull();
  expect(pricesOf('gpt', 0)).toBeNull();
});

test('usage as the API reports it', () => {
  const usage = anthropicUsage({
    input_tokens: 1,
    output_tokens: 2,
    cache_creation_input_tokens: 7,
    cache_read_input_tokens: 5,
    cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 },
  });
  expect(usage).toEqual({ input: 1, output: 2, cacheWrite5m: 3, cacheWrite1h: 4, cacheRead: 5 });
  expect(promptTokens(usage)).toBe(13);
  expect(anthropicUsage({ cache_creation_input_tokens: 7, cache_creation: null })).toEqual({
    ...NO_TOKENS,
    cacheWrite5m: 7,
  });
});

test.each([null, undefined, 'x', { input_tokens: 'many', output_tokens: -1, cache_read_input_tokens: NaN }])(
  'usage %j counts nothing',
  (raw) => expect(anthropicUsage(raw)).toEqual(NO_TOKENS),
);
