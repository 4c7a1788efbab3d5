/** What one model call used, in tokens. */
export interface TokenUsage {
  /** Read at full price; what came from or went to the cache is counted apart. */
  input: number;
  /** Thinking included. */
  output: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
}

export const NO_TOKENS: TokenUsage = { input: 0, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };

/** From `usage` of the Messages API, which the Claude Code CLI reports too. What is missing counts as 0. */
export function anthropicUsage(raw: unknown): TokenUsage {
  const usage = record(raw);
  const byAge = record(usage.cache_creation);
  const written = count(usage.cache_creation_input_tokens);
  const cacheWrite1h = count(byAge.ephemeral_1h_input_tokens);
  return {
    input: count(usage.input_tokens),
    output: count(usage.output_tokens),
    cacheWrite5m: count(byAge.ephemeral_5m_input_tokens) || Math.max(written - cacheWrite1h, 0),
    cacheWrite1h,
    cacheRead: count(usage.cache_read_input_tokens),
  };
}

/** The length of the prompt, wherever it was read from: what long-prompt prices go by. */
export const promptTokens = ({ input, cacheWrite5m, cacheWrite1h, cacheRead }: TokenUsage): number =>
  input + cacheWrite5m + cacheWrite1h + cacheRead;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
