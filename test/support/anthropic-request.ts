import type Anthropic from '@anthropic-ai/sdk';

/** The body of a request to the Messages API. */
export type AnthropicRequest = Anthropic.Beta.MessageCreateParams;
export type Block = { type: string } & Record<string, unknown>;

export const blocksOf = (content: unknown): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content as Block[]);

/** How many responses the conversation holds: 0 in its first request. */
export const turnOf = (request: AnthropicRequest): number =>
  request.messages.filter(({ role }) => role === 'assistant').length;

/** The text that the conversation began with: names the task. */
export const taskOf = (request: AnthropicRequest): string =>
  blocksOf(request.messages[0]?.content)
    .map(({ text }) => text)
    .join('\n');

/** The results of the last turn's tool calls, as text, in order. */
export const lastResults = (request: AnthropicRequest): { text: string; isError: boolean }[] =>
  blocksOf(request.messages.at(-1)?.content)
    .filter(({ type }) => type === 'tool_result')
    .map(({ content, is_error }) => ({ text: content as string, isError: is_error === true }));
