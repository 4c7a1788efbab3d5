import { Alias, Document, isCollection, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Pair } from 'yaml';
import type { PlanError, PlanPath } from './plan-error';

/** A plan file holds text that people wrote: what is larger is something else. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The value of a plan file, and the way back from a place in it to a line of the file. */
export interface PlanSource {
  value: unknown;
  lineOf(path: PlanPath): number | null;
}

export type ReadResult = { ok: true; source: PlanSource } | { ok: false; errors: PlanError[] };

/** YAML 1.2 or JSON, which is nearly a subset of it. Never throws, whatever the text is. */
export function readPlanSource(text: string): ReadResult {
  const refusal = refuse(text);
  if (refusal !== null) return { ok: false, errors: [{ line: null, field: '', message: refusal }] };
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'is nested too deeply to be a plan; see docs/plan-file.md for the format';
    return { ok: false, errors: [{ line: null, field: '', message }] };
  }
}
