import type { AgentOutcome } from '../contract/agent';
import { AgentError } from '../contract/agent-error';
import { noPrice } from '../contract/no-price';
import { patiently } from '../contract/patience';
import { priceOf } from '../../domain/cost/pricing';
import { anthropicUsage } from '../../domain/cost/token-usage';
import { newTurn, type Response, type Turn } from './conversation';
import { endOfPatience, recordFailedCall, recordInterruptedCall, troubleOfCall } from './failed-call';
import { messagesOf } from './messages';
import { callModel, type Message, type Params } from './model-call';
import { allowedTokens, heldReason, needOf, worstPrompt, type Call } from './output-allowance';
import type { Trouble } from '../provider/trouble';
import { LONG_LIMIT_MS } from '../provider/usage-limits';
import { recordable, redactedResponse } from './redacted';
import { isThinkingRefused, leaveOutThinking } from './thinking';
import type { Try } from './try';

const CACHED = { type: 'ephemeral' } as const;

/**
 * Asks the model for its next response, within the budget, and records it before anything else happens.
 *
 * @returns the turn, or how the try ends instead.
 * @throws AgentError when a person has to act, or the call is worth another try.
 */
export async function nextTurn(scope: Try): Promise<Turn | AgentOutcome> {
  const { conversation, request, settings, prompt } = scope;
  const draft = draftOf(scope);
  const last = conversation.turns.at(-1);
  const call = {
    model: prompt.model,
    promptTokens: worstPrompt(draft, last),
    cap: settings.maxOutputTokens,
    afterCutOff: last?.stop_reason === 'max_tokens',
  };
  const allowance = await allowanceFor(scope, call);
  if ('held' in allowance) return { kind: 'held', why: 'budget', reason: allowance.held };
  const params = { ...draft, max_tokens: allowance.maxTokens };
  request.onActivity('thinking');
  const outcome = await callModel(settings, params, scope.signal);
  if ('message' in outcome) return recordTurn(scope, outcome.message);
  await recordFailedCall(scope, params, outcome);
  scope.signal.throwIfAborted();
  if (isThinkingRefused(outcome.error) && (await leaveOutThinking(scope))) return nextTurn(scope);
  const trouble = troubleOfCall(outcome.error);
  const end = outcome.accepted ? endOfPatience(scope, trouble) : null;
  return end ?? afterTrouble(scope, trouble);
}

/** Sets aside what the call may cost; the budget decides how long its answer may be, and whether it is made at all. */
async function allowanceFor(scope: Try, call: Call): Promise<{ maxTokens: number } | { held: string }> {
  const { request } = scope;
  const need = needOf(call);
  if (!need) {
    const { remainingNano, scope: of } = await request.budget();
    if (remainingNano === null) return { maxTokens: call.cap };
    return { held: noPrice(call.model, request.task, of) };
  }
  const grant = await request.reserve(need);
  if (grant.interruptedNano > 0) await recordInterruptedCall(scope, grant.interruptedNano);
  if (grant.kind === 'held') return { held: heldReason(grant, need) };
  return { maxTokens: allowedTokens(call, grant.nano) };
}

/** Marks for the provider's cache: the system prompt, shared by all tasks, the end of the conversation, and that of the call before. */
function draftOf({ prompt, tools, conversation }: Try): Omit<Params, 'max_tokens'> {
  return {
    model: prompt.model,
    system: [{ type: 'text', text: prompt.system, cache_control: CACHED }],
    tools: tools.map(({ definition }) => definition),
    messages: messagesOf(prompt, conversation),
    cache_control: CACHED,
    service_tier: 'standard_only',
  };
}

async function recordTurn({ conversation, request, settings, prompt, signal }: Try, message: Message) {
  const n = conversation.turns.length + 1;
  const usage = { ...message.usage };
  const response: Response = {
    model: message.model,
    content: recordable(message.content, (text) => text),
    stop_reason: message.stop_reason,
    ...refusalIn(message),
    usage,
  };
  const tokens = anthropicUsage(usage);
  // A gateway may have names of its own for models; what was asked for is what the budget has set money aside for.
  const costNano = priceOf(message.model, tokens) ?? priceOf(prompt.model, tokens);
  const payload = redactedResponse(response, settings.redact);
  const entry = { n, kind: 'response' as const, payload, usage, costNano };
  await patiently(() => request.transcript.record(entry), signal);
  const turn = newTurn(n, response);
  conversation.turns.push(turn);
  return turn;
}

/** By which of its rules, and why, where the API says so. */
function refusalIn({ stop_details: details }: Message): Pick<Response, 'refusal'> {
  const refusal = [details?.category, details?.explanation].filter(Boolean).join(': ');
  return refusal ? { refusal } : {};
}

/** With a key that is refused a session ends at once; a conversation that has begun is worth waiting for a person. */
function afterTrouble({ settings, conversation }: Try, trouble: Trouble): AgentOutcome {
  const message = settings.redact(trouble.message);
  if (trouble.who === 'work') return { kind: 'failed', reason: message, output: '' };
  if (trouble.who === 'person') {
    if (trouble.account && conversation.turns.length)
      return { kind: 'held', why: 'account', reason: message };
    throw new AgentError('ProviderRefused', `${message}, then run again`);
  }
  const { retryAfterMs } = trouble;
  if (retryAfterMs !== undefined && retryAfterMs > LONG_LIMIT_MS)
    return { kind: 'held', why: 'limit', reason: message, forMs: retryAfterMs };
  throw new AgentError('ProviderUnavailable', message, { retryAfterMs });
}
