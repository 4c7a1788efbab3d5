import { priceOf } from '../../domain/pricing';
import { anthropicUsage } from '../../domain/token-usage';
import { addFailedCall, type FailedCall } from './conversation';
import type { CallOutcome, Params } from './model-call';
import { worstRemainder } from './output-allowance';
import { recordPaid } from './paid-record';
import { troubleOf } from './provider-trouble';
import type { Try } from './try';

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
  if (!accepted) return;
  const n = conversation.turns.length + 1;
  const payload: FailedCall = {
    failedCall: settings.redact(signal.aborted ? 'stopped' : troubleOf(error).message),
    reservedNano: worstRemainder(prompt.model, params, usage),
  };
  addFailedCall(conversation, n, payload);
  const toolUseId = `failed-call-${conversation.failedCalls.get(n)}`;
  const cost = usage && {
    usage: { ...usage, usage_complete: false },
    costNano: priceOf(prompt.model, anthropicUsage(usage)),
  };
  await recordPaid(request.transcript, { n, kind: 'note', toolUseId, payload, ...cost }, signal);
}
