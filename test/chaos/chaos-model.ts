import type { Reply } from '../support/anthropic-mock';
import { blocksOf, turnOf, type AnthropicRequest } from '../support/anthropic-request';
import { BACKGROUND, LAST_STEP } from './scenario';

export const taskNumber = (request: AnthropicRequest): number =>
  Number(/# Task T(\d+)/.exec(JSON.stringify(request.messages[0]))![1]);

/**
 * A model that takes a step again when it is told that its outcome is unknown: by turns the file tool and a
 * command, each of which writes the number of the step.
 */
export function chaosModel(request: AnthropicRequest): Reply {
  const task = taskNumber(request);
  const turn = turnOf(request);
  const usage = {
    input_tokens: 1_000 * task + turn,
    output_tokens: 100 + turn,
    cache_read_input_tokens: 10 * task,
  };
  const step = stepsTaken(request);
  if (step > LAST_STEP) return { text: `T${task} is done.`, usage };
  const content = `step ${step}`;
  const tool =
    step % 2
      ? { name: 'bash', input: { command: `${BACKGROUND} sleep 0.3; echo "${content}" > f${task}` } }
      : { name: 'write', input: { file_path: `f${task}`, content: `${content}\n` } };
  return { tools: [tool], usage };
}

/** Tool calls that went well. */
const stepsTaken = ({ messages }: AnthropicRequest): number =>
  messages
    .flatMap(({ content }) => blocksOf(content))
    .filter(({ type, is_error }) => type === 'tool_result' && is_error !== true).length;
