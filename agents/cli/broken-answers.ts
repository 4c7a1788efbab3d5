import type { CliLog } from './log';
import { reasonIn } from './reason';

/** What a CLI says where an answer of the API came, and was no whole one: it may be paid, and the next one, too. */
export interface BrokenAnswers {
  name: string;
  baseUrlVariable: string;
  broken: RegExp;
  /** Runs in a row that end so, after which somebody has to look; each of them asks several times. */
  most: number;
}

/**
 * Puts on record that a run ended because the API's answers broke off. Where so many did, and no tool ran in between, why
 * somebody has to look before it costs ever more; null before. Again after as many more.
 */
export async function recordBrokenAnswer(
  { entries, record }: Pick<CliLog, 'entries' | 'record'>,
  said: string,
  { name, baseUrlVariable, broken, most }: BrokenAnswers,
): Promise<string | null> {
  if (!broken.test(said)) return null;
  await record({ kind: 'note', toolUseId: `broken-${entries.length}`, payload: { brokeOff: said } });
  const since = entries.slice(entries.findLastIndex(({ kind }) => kind === 'result') + 1);
  const count = since.filter(({ payload }) => isBroken(payload)).length;
  if (count % most !== 0) return null;
  return (
    `the API's answers broke off in ${count} runs of ${name} in a row, the last one: ${reasonIn(said)}; look at the ` +
    `network, at the proxy, and at ${baseUrlVariable} if it is set`
  );
}

const isBroken = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'brokeOff' in payload;
