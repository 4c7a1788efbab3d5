import { NANO_PER_USD } from '../../domain/cost/money';
import { priceOf as tablePrice } from '../../domain/cost/pricing';
import { anthropicUsage } from '../../domain/cost/token-usage';
import type { TranscriptEntry } from '../contract/agent';
import { AgentError } from '../contract/agent-error';
import type { CliLog } from '../cli/log';
import type { RunEnd } from '../cli/agent';
import type { AssistantEvent, Block, ResultEvent, UserEvent } from './events';
import { recordUnpriced } from '../cli/unpriced';

type Usage = Record<string, unknown>;

/** The CLI's own messages, about failed calls, have this for a model. */
const SYNTHETIC = '<synthetic>';

const priceOf = (model: string, usage: Usage): number | null => tablePrice(model, anthropicUsage(usage));

/**
 * Puts a run of the CLI on record. Each response is charged as it comes, by our own price table, since nobody may be
 * there for the result; its output tokens are only what was known then. The result's total settles the difference.
 * Where the table says more than the CLI, the table counts.
 */
export function createRecorder(log: CliLog) {
  const charged = new Map<string, number>();
  /** What results have added to that: a run whose tasks in the background end later tells more than one. */
  let added = 0;

  return {
    async response({ message, uuid }: AssistantEvent): Promise<void> {
      if (message.model === SYNTHETIC) return log.record({ kind: 'note', toolUseId: uuid, payload: message });
      const price = priceOf(message.model, message.usage);
      const before = charged.get(message.id);
      charged.set(message.id, Math.max(price ?? 0, before ?? 0));
      if (before !== undefined) return addPart(log, { message, uuid }, Math.max((price ?? 0) - before, 0));
      log.nextTurn();
      const cost = price === null ? {} : { usage: message.usage, costNano: price };
      return log.record({ kind: 'response', payload: message, ...cost });
    },
    async toolResults({ message }: UserEvent): Promise<void> {
      if (typeof message.content === 'string') return;
      for (const block of message.content)
        if (block.type === 'tool_result' && block.tool_use_id)
          await log.record({ kind: 'result', toolUseId: block.tool_use_id, payload: block });
    },
    /** What the run cost beyond what is charged already, and how it ended, in one entry. */
    async result(result: ResultEvent, end: RunEnd | AgentError): Promise<void> {
      const estimate = [...charged.values()].reduce((sum, nano) => sum + nano, 0);
      const total = Math.round((result.total_cost_usd ?? 0) * NANO_PER_USD);
      const costNano = Math.max(total - estimate - added, 0);
      const outcome = end instanceof AgentError ? { kind: 'error', reason: end.message } : end;
      await log.record({
        kind: 'note',
        toolUseId: result.uuid,
        payload: { event: result, outcome },
        costNano,
      });
      added += costNano;
    },
  };
}

/** A further content block of a response that is on record. */
async function addPart(
  log: CliLog,
  { message, uuid }: Pick<AssistantEvent, 'message' | 'uuid'>,
  costNano: number,
): Promise<void> {
  const call = message.content.find(({ type }) => type === 'tool_use');
  const part: Omit<TranscriptEntry, 'n'> = call?.id
    ? { kind: 'begin', toolUseId: call.id, payload: call }
    : { kind: 'note', toolUseId: uuid, payload: message };
  await log.record(costNano > 0 ? { ...part, costNano } : part);
}

/**
 * Marks responses of a model without a price as such, where no result told their cost: the CLI or the worker was
 * killed before it. Doing so again changes nothing.
 */
export async function chargeUnpriced(log: CliLog): Promise<void> {
  const after = log.entries.findLastIndex(({ kind, payload }) => kind === 'note' && isResult(payload));
  for (const { n, kind, payload } of log.entries.slice(after + 1)) {
    if (kind !== 'response') continue;
    const { model, usage } = payload as { model: string; usage: Usage };
    if (priceOf(model, usage) !== null) continue;
    await recordUnpriced(log, model, { n, usage });
  }
}

const isResult = (payload: unknown) => typeof payload === 'object' && payload !== null && 'event' in payload;

/** What a block says to people who watch, in one line. */
export function lineOf({ type, text, name, input }: Block): string {
  if (type === 'text') return text?.trim().split('\n')[0] ?? '';
  if (type !== 'tool_use') return '';
  const values = typeof input === 'object' && input !== null ? Object.values(input) : [];
  const [first = ''] = values.filter((value) => typeof value === 'string');
  return `${name ?? 'tool'} ${first.split('\n')[0]}`.trim();
}
