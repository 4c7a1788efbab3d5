import { APIError } from '@anthropic-ai/sdk';
import { patiently } from '../contract/patience';
import type { ContentBlock, Conversation, Turn, ThinkingLeftOut } from './conversation';
import type { Try } from './try';

export const isThinking = ({ type }: ContentBlock): boolean =>
  type === 'thinking' || type === 'redacted_thinking';

/** The turns as they are sent: the first of them perhaps without what the model thought. */
export const withoutOldThinking = ({ turns, thinkingFrom }: Pick<Conversation, 'turns' | 'thinkingFrom'>) =>
  turns.map((turn, at) => (at < thinkingFrom ? { ...turn, content: turn.content.filter(isSaid) } : turn));

/**
 * Newer models bind what they thought to all that was sent before it, and the API refuses it once something there has
 * changed: old results that were cleared, or, for a worker that goes on from the record, a secret that is not in there.
 * There is a setting that has the API leave it out by itself, but not every model and gateway takes that.
 */
export const isThinkingRefused = (error: unknown): boolean =>
  error instanceof APIError && error.status === 400 && /thinking/i.test(error.message);

/** From here on, what was thought so far is not sent any more, by whichever worker. False when none of it was sent. */
export async function leaveOutThinking({ conversation, request, signal }: Try): Promise<boolean> {
  const { turns, thinkingFrom } = conversation;
  if (!turns.slice(thinkingFrom).some(hasThinking)) return false;
  const payload: ThinkingLeftOut = { thinkingFrom: turns.length };
  const entry = { n: turns.length + 1, kind: 'note' as const, toolUseId: 'thinking-left-out', payload };
  await patiently(() => request.transcript.record(entry), signal);
  conversation.thinkingFrom = turns.length;
  return true;
}

const isSaid = (block: ContentBlock) => !isThinking(block);
const hasThinking = ({ content }: Turn) => content.some(isThinking);
