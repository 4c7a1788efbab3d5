import { patiently } from '../contract/patience';
import { toolCallsOf, type ToolCall, type Turn } from './conversation';
import { redacted } from './redacted';
import { failed, toolResult, type ToolOutput } from './tools/tool';
import type { Try } from './try';

const CUT_OFF =
  'This call was cut off at the output limit, so it was not run. Make it again, whole, and in smaller parts.';
const UNKNOWN =
  'The outcome of this call is unknown: the worker was interrupted while it ran. Look at the state that it left before you repeat it.';
const NOT_KEPT =
  'The worker was interrupted before this call ran. It held what looks like a secret, which is not kept, so it cannot be run any more. Make it again, whole.';

/**
 * Answers every tool call of a response that has no result yet, one after the other: parallel calls may depend on their
 * order. What was begun by a worker that died is not run again.
 */
export async function answerCalls(scope: Try, turn: Turn): Promise<void> {
  for (const call of toolCallsOf(turn)) {
    if (turn.results.has(call.id)) continue;
    const output = await answer(scope, turn, call);
    scope.signal.throwIfAborted();
    const { redact, withhold } = scope.settings;
    const result = redacted(toolResult(call.id, output), withhold);
    const payload = redacted(result, redact);
    const entry = { n: turn.n, kind: 'result' as const, toolUseId: call.id, payload };
    await patiently(() => scope.request.transcript.record(entry), scope.signal);
    turn.results.set(call.id, result);
  }
}

async function answer(scope: Try, turn: Turn, call: ToolCall): Promise<ToolOutput> {
  const { request, settings, tools, signal } = scope;
  if (turn.stop_reason === 'max_tokens') return failed(CUT_OFF);
  const tool = tools.find(({ definition }) => definition.name === call.name);
  if (!tool)
    return failed(`no such tool; there are: ${tools.map(({ definition }) => definition.name).join(', ')}`);
  if (turn.begun.has(call.id)) {
    await tool.cleanUp?.(call.input);
    return failed(UNKNOWN);
  }
  if (turn.redactedCalls?.includes(call.id)) return failed(NOT_KEPT);
  signal.throwIfAborted();
  const begin = { n: turn.n, kind: 'begin' as const, toolUseId: call.id, payload: { name: call.name } };
  await patiently(() => request.transcript.record(begin), signal);
  turn.begun.add(call.id);
  request.onActivity(settings.redact(tool.describe(call.input)));
  return tool.run(call.input, signal);
}
