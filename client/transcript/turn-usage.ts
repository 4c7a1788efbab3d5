import type { Turn } from '../../db/task/turns';
import { cost } from '../text/units';

/** What an entry used and cost: `1,234 in, 56 out, 3,000 to cache, 0.0123 USD`; empty for one that cost nothing. */
export function usageText({ kind, usage: recorded, costUsd, payload }: Turn): string {
  const told = kind === 'response' ? (payload as { usage?: unknown } | null)?.usage : null;
  const usage = (recorded ?? told ?? {}) as Record<string, unknown>;
  const count = (name: string) => (typeof usage[name] === 'number' ? usage[name] : 0);
  const fromCache = count('cache_read_input_tokens') + count('cached_input_tokens');
  const toCache = count('cache_creation_input_tokens') + count('cache_write_input_tokens');
  // Codex counts what went through its cache as input, too.
  const input = count('input_tokens') - count('cached_input_tokens') - count('cache_write_input_tokens');
  const counts: [number, string][] = [
    [Math.max(input, 0), 'in'],
    [count('output_tokens'), 'out'],
    [toCache, 'to cache'],
    [fromCache, 'from cache'],
  ];
  const unpriced = recorded !== null && costUsd === null;
  return [
    ...counts
      .filter(([tokens]) => tokens > 0)
      .map(([tokens, what]) => `${tokens.toLocaleString('en-US')} ${what}`),
    ...(unpriced || (costUsd ?? 0) > 0 ? [cost(costUsd ?? 0, unpriced)] : []),
  ].join(', ');
}
