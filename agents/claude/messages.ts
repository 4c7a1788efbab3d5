import type Anthropic from '@anthropic-ai/sdk';
import { withOldResultsCleared } from './context-editing';
import { toolCallsOf, type ContentBlock, type Prompt, type Turn } from './conversation';

type Message = Anthropic.Beta.BetaMessageParam;

const GO_ON = 'Your answer was cut off at the output limit. Go on where it ended, in smaller steps.';

/**
 * The conversation as the API takes it: every response with its content as it came, then all results of its tool
 * calls in one message, in the order of the calls. Old results of a long conversation are left out.
 */
export function messagesOf(prompt: Prompt, turns: Turn[]): Message[] {
  return [{ role: 'user', content: prompt.task }, ...withOldResultsCleared(turns).flatMap(exchange)];
}

function exchange(turn: Turn): Message[] {
  const content = turn.content.filter(canBeSentBack);
  const said = content.some(({ type }) => type === 'text' || type === 'tool_use');
  if (!said) return [];
  const answer: Message = { role: 'assistant', content: content as Anthropic.Beta.BetaContentBlockParam[] };
  return [answer, ...reply(turn)];
}

/** What follows a response; nothing after `pause_turn`, which the API itself goes on with. */
function reply(turn: Turn): Message[] {
  const calls = toolCallsOf(turn);
  if (calls.length) return [{ role: 'user', content: calls.map(({ id }) => turn.results.get(id)!) }];
  if (turn.stop_reason === 'pause_turn') return [];
  return [{ role: 'user', content: GO_ON }];
}

/** The API refuses blank text, and thinking that was cut off before its signature. */
function canBeSentBack(block: ContentBlock): boolean {
  if (block.type === 'text') return block.text.trim() !== '';
  if (block.type === 'thinking') return block.signature !== '';
  return true;
}
