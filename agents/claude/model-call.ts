import type Anthropic from '@anthropic-ai/sdk';
import { NoStream } from '../provider/trouble';
import { createClient } from './anthropic-client';
import type { ClaudeSettings } from './options';

export type Params = Anthropic.Beta.MessageCreateParamsNonStreaming;
export type Message = Anthropic.Beta.BetaMessage;

/** What a model call brought: a whole message, or an error and what is known of its cost. */
export type CallOutcome =
  | { message: Message }
  | {
      error: unknown;
      /** The call was accepted, so it costs something even where `usage` does not tell how much. */
      accepted: boolean;
      /** A lower bound: input as it began, output as far as it was reported. */
      usage: Record<string, unknown> | null;
    };

/** One streamed call. Never throws: trouble is part of what happens. */
export async function callModel(
  settings: ClaudeSettings,
  params: Params,
  signal: AbortSignal,
): Promise<CallOutcome> {
  let accepted = false;
  let usage: Record<string, unknown> | null = null;
  const idle = idleWatch(settings.idleMs, () => stream.abort());
  const stream = createClient(settings, idle.alive).beta.messages.stream(params, { signal });
  stream.on('connect', () => (accepted = isEventStream(stream.response)));
  stream.on('streamEvent', (event) => (usage = withUsage(usage, event)));
  try {
    const message = await stream.finalMessage();
    if (message.stop_reason === null) throw new Error('the response ended without a reason to stop');
    return { message };
  } catch (error) {
    return { error: idle.expired() ?? withoutStream(stream.response) ?? error, accepted, usage };
  } finally {
    idle.stop();
  }
}

function withUsage(
  before: Record<string, unknown> | null,
  event: Anthropic.Beta.BetaRawMessageStreamEvent,
): Record<string, unknown> | null {
  if (event.type === 'message_start') return { ...event.message.usage };
  if (event.type !== 'message_delta') return before;
  const known = Object.entries(event.usage).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(known) };
}

/** A gateway's page in the place of an answer was not paid for. */
const isEventStream = (response: Response | null | undefined): boolean =>
  typeOf(response).includes('text/event-stream');

const typeOf = (response: Response | null | undefined): string => response?.headers.get('content-type') ?? '';

function withoutStream(response: Response | null | undefined): NoStream | undefined {
  if (!response?.ok || isEventStream(response)) return undefined;
  return new NoStream(`its answer is ${typeOf(response) || 'of no type'} instead of a stream`);
}

/** Calls `onIdle` when nothing came for `idleMs`. */
function idleWatch(idleMs: number, onIdle: () => void) {
  let expired: Error | undefined;
  const timer = setTimeout(() => {
    expired = new Error(`the API sent nothing for ${Math.round(idleMs / 1000)} s`);
    onIdle();
  }, idleMs);
  return {
    expired: () => expired,
    alive: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
