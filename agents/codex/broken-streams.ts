import type { CliLog } from '../cli/log';
import { reasonIn } from '../cli/reason';

/** Not an API that is away or says what is wrong with it: an answer that had begun, and is paid. */
const BROKEN = /stream disconnected before completion: (?:transport error|stream closed|idle timeout)/i;

/** Runs of Codex, each of which asks six times. */
const IN_A_ROW = 5;

/**
 * Puts on record that a run ended because the API's answers broke off. Where so many did, and no tool ran in between, why
 * somebody has to look before it costs ever more; null before. Again after as many more.
 */
export async function recordBrokenStream(
  { entries, record }: Pick<CliLog, 'entries' | 'record'>,
  said: string,
): Promise<string | null> {
  if (!BROKEN.test(said)) return null;
  await record({ kind: 'note', toolUseId: `broken-${entries.length}`, payload: { brokeOff: said } });
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'result') + 1);
  const count = since.filter(({ payload }) => isBroken(payload)).length;
  if (count % IN_A_ROW !== 0) return null;
  return (
    `the API's answers broke off in ${count} runs of Codex in a row, the last one: ${reasonIn(said)}; look at the ` +
    'network, at the proxy, and at OPENAI_BASE_URL if it is set'
  );
}

const isBroken = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'brokeOff' in payload;
