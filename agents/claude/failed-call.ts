import { priceOf } from '../../domain/cost/pricing';
import { anthropicUsage } from '../../domain/cost/token-usage';
import type { AgentOutcome } from '../contract/agent';
import { patiently } from '../contract/patience';
import { addFailedCall, type FailedCall } from './conversation';
import type { CallOutcome, Params } from './model-call';
import { worstRemainder } from './output-allowance';
import { troubleOf, type Trouble } from '../provider/trouble';
import type { Try } from './try';

const AGAIN = 'it is tried again';
const ODD = 'look at the task with `yokeflow transcript`; if it looks well, report this';

export const troubleOfCall = (error: unknown): Trouble =>
  troubleOf(error, { busy: AGAIN, brokenOff: AGAIN, odd: ODD });

/**
 * Records what a call cost that gave no whole response. Its input was paid for; its output is known as far as it was
 * reported, so the cost is a lower bound, and the worst case beyond it is kept out of the budget from then on. A call
 * that was never accepted costs nothing, and leaves no trace.
 */
export async function recordFailedCall(
  { conversation, request, settings, prompt, signal }: Try,
  params: Params,
  { error, accepted, usage }: Extract<CallOutcome, { error: unknown }>,
): Promise<void> {
  if (!accepted) return request.release();
  const n = conversation.turns.length + 1;
  const uncertainNano = worstRemainder(prompt.model, params, usage);
  const payload: FailedCall = {
    failedCall: settings.redact(signal.aborted ? 'stopped' : troubleOfCall(error).message),
    reservedNano: uncertainNano,
  };
  const toolUseId = `failed-call-${addFailedCall(conversation, n)}`;
  const cost = usage && {
    usage: { ...usage, usage_complete: false },
    costNano: priceOf(prompt.model, anthropicUsage(usage)),
  };
  const entry = { n, kind: 'note' as const, toolUseId, payload, uncertainNano, ...cost };
  await patiently(() => request.transcript.record(entry), signal);
}

/** Each of them costs its input. More than a fault that passes, and more likely something on the way that cuts them off. */
const BROKEN_IN_A_ROW = 10;

/**
 * How a try ends, for now or at all, in which an accepted call has come to nothing so often: somebody has to look before an
 * answer that breaks off is asked for again, and again after as many more. For a model that writes no JSON, a new
 * conversation may help.
 */
export function endOfPatience(
  { conversation, settings }: Pick<Try, 'conversation' | 'settings'>,
  trouble: Trouble,
): AgentOutcome | null {
  if (trouble.who !== 'retry') return null;
  const { brokeOff, garbled } = trouble;
  const count = conversation.failedCalls.get(conversation.turns.length + 1)!;
  if (count % BROKEN_IN_A_ROW !== 0) return null;
  const times = `${count} times in a row, the last one:`;
  if (garbled !== undefined) {
    const reason = `the model wrote calls of tools that are no JSON ${times} ${garbled}`;
    return { kind: 'failed', reason: settings.redact(reason), output: '' };
  }
  if (brokeOff === undefined) return null;
  const look = 'look at the network, at the proxy, and at ANTHROPIC_BASE_URL if it is set';
  const reason = `the API's answers broke off ${times} ${brokeOff}; ${look}`;
  return { kind: 'held', why: 'account', reason: settings.redact(reason) };
}

/** A call that its worker was killed in: all that is known is what it was allowed to cost. */
export async function recordInterruptedCall(
  { conversation, request, signal }: Try,
  reservedNano: number,
): Promise<void> {
  const n = conversation.turns.length + 1;
  const payload: FailedCall = { failedCall: 'its worker was stopped in the middle of it', reservedNano };
  const toolUseId = `failed-call-${addFailedCall(conversation, n)}`;
  await patiently(() => request.transcript.record({ n, kind: 'note', toolUseId, payload }), signal);
}
