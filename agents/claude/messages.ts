import type Anthropic from '@anthropic-ai/sdk';
import { withOldResultsCleared } from './context-editing';
import {
  isSilent,
  toolCallsOf,
  type ContentBlock,
  type Conversation,
  type Prompt,
  type Turn,
} from './conversation';
import { withoutOldThinking } from './thinking';

type Block = Anthropic.Beta.BetaContentBlockParam;

interface Message {
  role: 'user' | 'assistant';
  content: Block[];
}

const CACHED = { type: 'ephemeral' } as const;

const GO_ON = 'Your answer was cut off at the output limit. Go on where it ended, in smaller steps.';

const ARE_YOU_DONE =
  'You ended your turn without a word. If the task is done, say what you did; otherwise go on with it.';

/**
 * The conversation as the API takes it: every response with its content as it came, then all results of its tool
 * calls in one message, in the order of the calls. Old results of a long conversation are left out, and what was thought
 * before that.
 */
export function messagesOf(
  prompt: Prompt,
  conversation: Pick<Conversation, 'turns' | 'thinkingFrom'>,
): Message[] {
  const turns = withOldResultsCleared(withoutOldThinking(conversation));
  return withMark(joined([fromUser(prompt.task), ...turns.flatMap(exchange)]));
}

const fromUser = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });

/**
 * The end of the call before is marked for the provider's cache: from the mark at this one's end it would look back 20 blocks
 * only, and a turn in which the model makes many calls at once is longer than that.
 */
function withMark(messages: Message[]): Message[] {
  const before = messages.slice(0, -1).findLastIndex(({ role }) => role === 'user');
  return messages.map((message, at) => (at === before ? marked(message) : message));
}

const marked = ({ role, content }: Message): Message => ({
  role,
  content: [...content.slice(0, -1), { ...content.at(-1), cache_control: CACHED } as Block],
});

/** What is said to the model twice in a row is one message: after a turn of its own without a word. */
function joined(messages: Message[]): Message[] {
  return messages.reduce<Message[]>((before, message) => {
    const last = before.at(-1);
    if (last?.role !== 'user' || message.role !== 'user') return [...before, message];
    return [...before.slice(0, -1), { ...last, content: [...last.content, ...message.content] }];
  }, []);
}

function exchange(turn: Turn): Message[] {
  if (isSilent(turn)) return hasEnded(turn) ? [fromUser(ARE_YOU_DONE)] : [];
  const answer: Message = { role: 'assistant', content: turn.content.filter(canBeSentBack) };
  return [answer, ...reply(turn)];
}

const hasEnded = ({ stop_reason }: Turn) => stop_reason === 'end_turn' || stop_reason === 'stop_sequence';

/** What follows a response; nothing after `pause_turn`, which the API itself goes on with. */
function reply(turn: Turn): Message[] {
  const calls = toolCallsOf(turn);
  if (calls.length) return [{ role: 'user', content: calls.map(({ id }) => turn.results.get(id)!) }];
  if (turn.stop_reason === 'pause_turn') return [];
  return [fromUser(GO_ON)];
}

/** The API refuses blank text, and thinking that was cut off before its signature. */
function canBeSentBack(block: ContentBlock): boolean {
  if (block.type === 'text') return block.text.trim() !== '';
  if (block.type === 'thinking') return block.signature !== '';
  return true;
}
