import type { CommandResult } from './command-runner';
import { headAndTail } from './output-tail';

/** Keeps a text in a file and says where; null when that could not be done. */
export type KeepOutput = (text: string) => Promise<string | null>;

/** Characters of one text in a CLI's record; models of ours see no more of a result either. */
const MAX_RECORDED = 30_000;

/**
 * What a command printed, as it goes into prompts and records: when its middle is left out there, the whole of it is
 * in a file, and the text says where.
 */
export async function outputWithFile(
  { output, whole, wholeIsCut }: Pick<CommandResult, 'output' | 'whole' | 'wholeIsCut'>,
  keep: KeepOutput,
): Promise<string> {
  if (!whole) return output;
  const what = wholeIsCut ? 'Its beginning and end' : 'All of it';
  return withReference(output, { whole, what }, keep);
}

async function withReference(
  short: string,
  { whole, what }: { whole: string; what: string },
  keep: KeepOutput,
): Promise<string> {
  const path = await keep(whole);
  if (path === null) return short;
  const size = whole.length.toLocaleString('en-US');
  return `${short.trimEnd()}\n[${what} (${size} characters): ${path}. Look at parts of it with grep, head or sed.]\n`;
}

/** The same value, with texts in it that are too long for a record in files. */
export async function withLongTextsInFiles(value: unknown, keep: KeepOutput): Promise<unknown> {
  if (typeof value === 'string') return value.length > MAX_RECORDED ? shortened(value, keep) : value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => withLongTextsInFiles(item, keep)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    async ([key, item]) => [key, await withLongTextsInFiles(item, keep)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function shortened(text: string, keep: KeepOutput): Promise<string> {
  return withReference(headAndTail(text), { whole: text, what: 'All of it' }, keep);
}
