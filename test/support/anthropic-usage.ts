import { taskOf, type AnthropicRequest } from './anthropic-request';

export interface ApiUsage {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
}

/** A response's usage where its script does not say: the prompt of the turn before is in the cache, the rest goes in. */
export function createUsageMeter() {
  const cached = new Map<string, number>();
  return (request: AnthropicRequest, asked: Partial<ApiUsage> | undefined, output: number): ApiUsage => {
    if (asked) return complete(asked);
    const conversation = `${request.model} ${taskOf(request)}`;
    const tokens = Math.ceil(JSON.stringify(request.messages).length / 4);
    const read = Math.min(cached.get(conversation) ?? 0, tokens);
    cached.set(conversation, tokens);
    return complete({
      input_tokens: 4,
      output_tokens: output,
      cache_read_input_tokens: read,
      cache_creation: { ephemeral_5m_input_tokens: tokens - read, ephemeral_1h_input_tokens: 0 },
    });
  };
}

function complete(usage: Partial<ApiUsage>): ApiUsage {
  const cache = usage.cache_creation ?? {
    ephemeral_5m_input_tokens: usage.cache_creation_input_tokens ?? 0,
    ephemeral_1h_input_tokens: 0,
  };
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    ...usage,
    cache_creation: cache,
    cache_creation_input_tokens: cache.ephemeral_5m_input_tokens + cache.ephemeral_1h_input_tokens,
  };
}
