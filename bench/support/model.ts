import { LLMock } from '@copilotkit/aimock';

export interface AskedTurn {
  /** How many answers the conversation held, from 0. */
  turn: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** A model on a local port, whose conversations take so many turns of one short command each. */
export interface BenchModel {
  environment: Record<string, string>;
  /** Every request, in order. */
  asked: AskedTurn[];
  close(): Promise<void>;
}

export async function startModel({
  turns,
  command,
}: {
  turns: number;
  command: string;
}): Promise<BenchModel> {
  const asked: AskedTurn[] = [];
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', strict: true });
  mock.on({ predicate: () => true }, ({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    asked.push({ turn, at: Date.now() });
    if (turn >= turns) return { content: 'Done.' };
    return { toolCalls: [{ name: 'bash', arguments: JSON.stringify({ command }) }] };
  });
  await mock.start();
  return {
    environment: { ANTHROPIC_API_KEY: 'sk-ant-bench', ANTHROPIC_BASE_URL: mock.url },
    asked,
    close: () => mock.stop(),
  };
}
