import type Anthropic from '@anthropic-ai/sdk';

type Block = Anthropic.Beta.BetaContentBlock;

/** Names in the inputs of tool calls, by call, in the order in which the model wrote them. */
export type InputOrder = Record<string, string[]>;

/** To be kept beside a response: PostgreSQL puts them in an order of its own. */
export function inputOrderOf(content: Block[]): InputOrder {
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
  const entries = calls.map(({ id, input }) => [id, Object.keys(input ?? {})] as const);
  return Object.fromEntries(entries.filter(([, names]) => names.length > 1));
}

/**
 * A response's content as it was written. In another order it would be another conversation to the provider's cache, and to
 * the thinking that is bound to it.
 */
export const inOrder = (content: Block[], order: InputOrder = {}): Block[] =>
  content.map((block) => {
    const names = order[(block as { id?: string }).id ?? ''];
    if (block.type !== 'tool_use' || !names) return block;
    const input = block.input as Record<string, unknown>;
    return { ...block, input: Object.fromEntries(names.map((name) => [name, input[name]])) };
  });
