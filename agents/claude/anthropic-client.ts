import Anthropic from '@anthropic-ai/sdk';
import { apiFetch } from '../provider/api-fetch';
import type { ClaudeSettings } from './options';

/**
 * A client that neither retries nor logs: its own retry would sleep through a retry-after of hours in this process.
 *
 * @param onBytes called whenever the API sends anything. Pings do not come through as events, so whether a stream
 *   is alive can only be seen here.
 */
export function createClient({ apiKey, baseUrl }: ClaudeSettings, onBytes: () => void): Anthropic {
  return new Anthropic({
    apiKey,
    authToken: null,
    baseURL: baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    logLevel: 'off',
    async fetch(input, init) {
      const response = await apiFetch(input, init);
      onBytes();
      return response.body ? new Response(response.body.pipeThrough(watched(onBytes)), response) : response;
    },
  });
}

const watched = (onBytes: () => void) =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onBytes();
      controller.enqueue(chunk);
    },
  });
