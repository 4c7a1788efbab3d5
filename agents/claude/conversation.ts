import type Anthropic from '@anthropic-ai/sdk';
import type { TranscriptEntry } from '../contract/agent';
import { inOrder, type InputOrder } from './input-order';

export type ContentBlock = Anthropic.Beta.BetaContentBlock;
export type ToolCall = Anthropic.Beta.BetaToolUseBlock;
export type ToolResult = Anthropic.Beta.BetaToolResultBlockParam;
export type StopReason = Anthropic.Beta.BetaStopReason;

/** What the conversation started with. Recorded, since the files that it was made from may change meanwhile. */
export interface Prompt {
  system: string;
  task: string;
  model: string;
}

/** The payload of a `response` entry. */
export interface Response {
  /** The id that the API answered with. */
  model: string;
  content: ContentBlock[];
  stop_reason: StopReason | null;
  /** What the API says of it where the model refused. */
  refusal?: string;
  usage: Record<string, unknown>;
  /** Tool calls of which the record is not what the model wrote, since secrets were taken out. */
  redactedCalls?: string[];
  inputOrder?: InputOrder;
}

/** One model response, and what became of its tool calls. */
export interface Turn extends Response {
  n: number;
  begun: Set<string>;
  results: Map<string, ToolResult>;
}

/** The payload of a `note` about a model call that gave no whole response. */
export interface FailedCall {
  failedCall: string;
  /** Nano-dollars that it may have cost beyond what is known. */
  reservedNano: number;
}

/** The payload of a `note` about thinking that the API takes back no more. */
export interface ThinkingLeftOut {
  /** How many turns, from the first one, are sent without theirs from then on. */
  thinkingFrom: number;
}

export interface Conversation {
  prompt: Prompt | null;
  turns: Turn[];
  /** The turns before this one are sent without what was thought in them. */
  thinkingFrom: number;
  /** Failed calls so far, by the number of the turn that they were to be. */
  failedCalls: Map<number, number>;
}

/** The state that the entries of a transcript amount to. */
export function conversationFrom(entries: TranscriptEntry[]): Conversation {
  const conversation: Conversation = { prompt: null, turns: [], thinkingFrom: 0, failedCalls: new Map() };
  for (const entry of entries) apply(conversation, entry);
  return conversation;
}

function apply(conversation: Conversation, { n, kind, toolUseId, payload }: TranscriptEntry): void {
  const turn = conversation.turns.find((each) => each.n === n);
  if (kind === 'prompt') conversation.prompt = payload as Prompt;
  if (kind === 'response') conversation.turns.push(newTurn(n, asWritten(payload as Response)));
  if (kind === 'begin' && toolUseId) turn?.begun.add(toolUseId);
  if (kind === 'result' && toolUseId) turn?.results.set(toolUseId, payload as ToolResult);
  if (kind === 'note' && isFailedCall(payload)) addFailedCall(conversation, n);
  if (kind === 'note' && isThinkingLeftOut(payload)) conversation.thinkingFrom = payload.thinkingFrom;
}

const asWritten = (response: Response): Response => ({
  ...response,
  content: inOrder(response.content, response.inputOrder),
});

export const newTurn = (n: number, response: Response): Turn => ({
  ...response,
  n,
  begun: new Set(),
  results: new Map(),
});

/** How many there are now of that turn. */
export function addFailedCall({ failedCalls }: Conversation, n: number): number {
  const count = (failedCalls.get(n) ?? 0) + 1;
  failedCalls.set(n, count);
  return count;
}

export const toolCallsOf = ({ content }: Pick<Response, 'content'>): ToolCall[] =>
  content.filter((block) => block.type === 'tool_use');

export const textOf = ({ content }: Pick<Response, 'content'>): string =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');

/** Nothing was said and nothing called: the API ends a turn like that now and then, above all after results of tools. */
export const isSilent = (response: Pick<Response, 'content'>): boolean =>
  textOf(response).trim() === '' && toolCallsOf(response).length === 0;

const isFailedCall = (payload: unknown): payload is FailedCall =>
  typeof payload === 'object' && payload !== null && 'failedCall' in payload;

const isThinkingLeftOut = (payload: unknown): payload is ThinkingLeftOut =>
  typeof payload === 'object' && payload !== null && 'thinkingFrom' in payload;
