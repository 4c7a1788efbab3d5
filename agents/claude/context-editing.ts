import { anthropicUsage, promptTokens } from '../../domain/cost/token-usage';
import type { ToolResult, Turn } from './conversation';

/** Where the API's own context editing begins, if it is asked for (`clear_tool_uses_20250919`); a model reads 200,000. */
const TRIGGER_TOKENS = 100_000;

/** The latest turns keep their results: the model is at work on them. */
const KEPT_TURNS = 5;

/** Some 20,000 tokens. The provider's cache begins anew where something is cleared, so less is not worth it. */
const WORTH_BYTES = 64_000;

/** A result as short as this says little more than how the call ended. */
const SHORT_BYTES = 500;

const CLEARED =
  '[This result was cleared, to keep the conversation short. Make the call again if you still need it.]';

/**
 * The turns as they are sent, without what the tools answered long ago once the conversation has become long: every
 * further turn would pay for it again, and in the end nothing more could be read. Done here instead of by the API, since
 * a gateway may not know how. It goes by what is on record alone, so another worker sends the same.
 */
export function withOldResultsCleared(turns: Turn[]): Turn[] {
  const count = clearedTurns(turns);
  return turns.map((turn, at) => (at < count ? { ...turn, results: cleared(turn.results) } : turn));
}

/** How many turns, from the first one, have their results cleared. Grows in large steps, never shrinks. */
function clearedTurns(turns: Turn[]): number {
  let count = 0;
  for (const [at, turn] of turns.entries()) {
    const upTo = Math.max(at + 1 - KEPT_TURNS, 0);
    if (lengthOf(turn) > TRIGGER_TOKENS && savedBytes(turns.slice(count, upTo)) >= WORTH_BYTES) count = upTo;
  }
  return count;
}

/** Tokens in the prompt of a turn and in its answer. */
function lengthOf({ usage }: Turn): number {
  const tokens = anthropicUsage(usage);
  return promptTokens(tokens) + tokens.output;
}

const savedBytes = (turns: Turn[]) =>
  turns
    .flatMap(({ results }) => [...results.values()])
    .filter(isLong)
    .reduce((sum, result) => sum + bytesOf(result), 0);

const cleared = (results: Turn['results']) =>
  new Map(
    [...results].map(([id, result]) => [id, isLong(result) ? { ...result, content: CLEARED } : result]),
  );

const isLong = (result: ToolResult) => bytesOf(result) > SHORT_BYTES;

const bytesOf = ({ content }: ToolResult) => Buffer.byteLength(JSON.stringify(content ?? ''));
