import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './anthropic-faults';
import type { Block } from './anthropic-request';
import type { ApiUsage } from './anthropic-usage';

export type StreamEvent = { type: string; index?: number } & Record<string, unknown>;

const PING_MS = 50;

export const eventsIn = (sse: string): StreamEvent[] =>
  sse
    .split('\n')
    .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6)) as StreamEvent] : []));

/** As the API spreads it: input and cache with the first event, the whole output with the last but one. */
export function withUsage(event: StreamEvent, usage: ApiUsage): StreamEvent {
  if (event.type === 'message_start') {
    const message = event.message as Record<string, unknown>;
    return {
      ...event,
      message: { ...message, usage: { ...usage, output_tokens: 1, service_tier: 'standard' } },
    };
  }
  return event.type === 'message_delta' ? { ...event, usage: { output_tokens: usage.output_tokens } } : event;
}

/** What the API says of a refusal, beside the reason to stop. */
export const withStopDetails = (event: StreamEvent, details?: object): StreamEvent =>
  event.type === 'message_delta' && details
    ? { ...event, delta: { ...(event.delta as object), stop_details: details } }
    : event;

/** The content that a client puts together from the events. */
export function contentIn(events: StreamEvent[]): Block[] {
  const blocks: Block[] = [];
  const input: string[] = [];
  for (const { type, index = 0, ...event } of events) {
    if (type === 'content_block_start') blocks[index] = { ...(event.content_block as Block) };
    if (type !== 'content_block_delta') continue;
    const block = blocks[index]!;
    const delta = event.delta as Record<string, string>;
    if (delta.text) block.text = (block.text as string) + delta.text;
    if (delta.thinking) block.thinking = (block.thinking as string) + delta.thinking;
    if (delta.signature) block.signature = delta.signature;
    if (delta.partial_json) input[index] = (input[index] ?? '') + delta.partial_json;
  }
  return blocks.map((block, index) =>
    block.type === 'tool_use' ? { ...block, input: JSON.parse(input[index] ?? '{}') as unknown } : block,
  );
}

/** Resolves with true once all of it has gone out to a client that was there to the end. */
export async function sendStream(
  response: ServerResponse,
  events: StreamEvent[],
  fault: Fault | null,
  onStall: () => void,
): Promise<boolean> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  for (const [index, event] of events.entries()) {
    if (fault && 'afterEvents' in fault && fault.afterEvents === index) {
      if (fault.kind === 'stall') onStall();
      if (!(await disturb(response, fault))) return false;
    }
    if (response.destroyed) return false;
    send(response, fault?.kind === 'bad-input' ? withBadInput(event) : event);
  }
  response.end();
  await once(response, 'close');
  return response.writableFinished;
}

const withBadInput = (event: StreamEvent): StreamEvent => {
  const delta = event.delta as { partial_json?: string } | undefined;
  return delta?.partial_json
    ? { ...event, delta: { ...delta, partial_json: `oops ${delta.partial_json}` } }
    : event;
};

/** False when the stream is over. */
async function disturb(response: ServerResponse, fault: Fault): Promise<boolean> {
  if (fault.kind === 'disconnect') {
    await sleep(20);
    response.destroy();
    return false;
  }
  if (fault.kind === 'end') {
    response.end();
    return false;
  }
  if (fault.kind === 'error-event') {
    send(response, { type: 'error', error: { type: fault.type, message: 'planned' } });
    response.end();
    return false;
  }
  if (fault.kind === 'stall') await stall(response, fault.ms, fault.pings ?? false);
  return true;
}

async function stall(response: ServerResponse, ms: number, pings: boolean): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until && !response.destroyed) {
    if (pings) send(response, { type: 'ping' });
    await sleep(PING_MS);
  }
}

const send = (response: ServerResponse, event: StreamEvent) =>
  void response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
