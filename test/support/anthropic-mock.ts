import { randomUUID } from 'node:crypto';
import { LLMock } from '@copilotkit/aimock';
import type { FaultPlan } from './anthropic-faults';
import { startProxy, type JournalEntry } from './anthropic-proxy';
import type { AnthropicRequest } from './anthropic-request';
import { createUsageMeter, type ApiUsage } from './anthropic-usage';

/** What the model says next. */
export interface Reply {
  thinking?: string;
  text?: string;
  tools?: { name: string; input: Record<string, unknown>; id?: string }[];
  /** `tool_use` with tools, else `end_turn`, when absent. */
  stopReason?: string;
  stopDetails?: object;
  usage?: Partial<ApiUsage>;
  /** What the answer calls the model, where that is not what the request does. */
  model?: string;
}

export interface AnthropicMock {
  baseUrl: string;
  /** The key that it accepts. */
  apiKey: string;
  /** Every request, in order. */
  journal: JournalEntry[];
  /** Rules of the API that requests broke: has to be empty. */
  broken: string[];
  close(): Promise<void>;
}

export interface AnthropicScript {
  script: (request: AnthropicRequest) => Reply | Promise<Reply>;
  faults?: FaultPlan;
}

/** The Anthropic API on a local port: aimock streams what the script says, behind a proxy that keeps the API's rules. */
export async function startAnthropic({
  script,
  faults = () => null,
}: AnthropicScript): Promise<AnthropicMock> {
  const replies = new Map<string, Reply>();
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 40, logLevel: 'silent', strict: true });
  mock.on({ predicate: () => true }, ({ _context }) => aimockReply(_context!, replies.get(_context!)!));
  await mock.start();
  const meter = createUsageMeter();
  const apiKey = `sk-ant-test-${randomUUID()}`;
  const proxy = await startProxy({
    apiKey,
    faults,
    async answer(request) {
      const reply = await script(request);
      const id = randomUUID();
      replies.set(id, reply);
      const response = await fetch(`${mock.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-aimock-context': id },
        body: JSON.stringify(request),
      });
      const sse = await response.text();
      if (!response.ok) throw new Error(`aimock: ${sse}`);
      const usage = meter(request, reply.usage, Math.ceil(JSON.stringify(reply).length / 4));
      return { sse, usage, stopDetails: reply.stopDetails };
    },
  });
  const { baseUrl, journal, broken } = proxy;
  return {
    baseUrl,
    apiKey,
    journal,
    broken,
    close: () => Promise.all([proxy.close(), mock.stop()]).then(() => undefined),
  };
}

function aimockReply(id: string, { thinking, text, tools = [], stopReason, model }: Reply) {
  const calls = tools.map(({ name, input, id: own }) => ({
    type: 'toolCall' as const,
    name,
    arguments: JSON.stringify(input),
    ...(own ? { id: own } : {}),
  }));
  const said = text === undefined && calls.length ? [] : [{ type: 'text' as const, text: text ?? 'Done.' }];
  return {
    blocks: [...said, ...calls],
    finishReason: stopReason ?? (calls.length ? 'tool_use' : 'end_turn'),
    ...(model ? { model } : {}),
    ...(thinking ? { reasoning: thinking, reasoningSignature: `signature-${id}` } : {}),
  };
}
