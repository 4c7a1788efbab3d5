// A model that takes its time: looks around, writes a file, and says that it is done.
import { LLMock } from '@copilotkit/aimock';

const SLOW_S = 4;
/** Written by two epics that know nothing of each other. */
const SHARED = { 3: 'CHANGES.md', 11: 'CHANGES.md' };

function reply({ messages }) {
  const said = JSON.stringify(messages);
  const task = Number(/Task T(\d+)/.exec(said)?.[1] ?? 0);
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const call = (command) => ({ type: 'toolCall', name: 'bash', arguments: JSON.stringify({ command }) });
  const wait = `sleep ${SLOW_S + ((task * 7) % 5)}`;
  const file = SHARED[task] ?? `src/part-${task}.js`;
  const usage = { input_tokens: 9_000 + 700 * task, output_tokens: 2_500 + 300 * task };
  switch (turn) {
    case 0:
      return {
        blocks: [{ type: 'text', text: 'I look around first.' }, call(`git log --oneline && ${wait}`)],
        usage,
      };
    case 1:
      return { blocks: [call(`mkdir -p src && echo '// T${task}' > ${file} && ${wait}`)], usage };
    case 2:
      return { blocks: [call(`node --check server.js && ${wait}`)], usage };
    default:
      return { blocks: [{ type: 'text', text: `T${task} is done: see ${file}.` }], usage };
  }
}

export async function startModel() {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
  mock.on({ predicate: () => true }, reply);
  await mock.start();
  return mock;
}
