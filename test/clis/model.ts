import { LLMock } from '@copilotkit/aimock';

interface Said {
  text: string;
  tool?: { name: string; input: Record<string, unknown> };
}

/** Tokens of every answer. */
export const USAGE = { input_tokens: 1000, output_tokens: 50 };

export interface Model {
  url: string;
  /** The messages of each request, as text; aimock's own journal cuts long ones. */
  requests: string[];
  close(): Promise<void>;
}

/**
 * A model that first says `first`, and `then` once it has seen the result of a tool. Straight from aimock, for both
 * APIs: what the CLIs send beyond the documented API is between them and their providers.
 */
export async function startModel(first: Said, then: Said = { text: 'Done.' }): Promise<Model> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
  const answer = ({ text, tool }: Said) => ({
    content: text,
    usage: USAGE,
    ...(tool ? { toolCalls: [{ name: tool.name, arguments: JSON.stringify(tool.input) }] } : {}),
  });
  const hasResult = (body: { messages?: { role: string }[] }) =>
    (body.messages ?? []).some(({ role }) => role === 'tool' || role === 'assistant');
  const requests: string[] = [];
  const note = (body: { messages?: unknown }) => {
    requests.push(JSON.stringify(body.messages));
    return false;
  };
  mock.on({ predicate: note }, answer(first));
  mock.on({ predicate: (body) => !hasResult(body) }, answer(first));
  mock.on({ predicate: hasResult }, answer(then));
  await mock.start();
  return {
    url: mock.url,
    requests,
    close: () => mock.stop(),
  };
}
