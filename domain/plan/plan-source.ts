import { Composer, isCollection, isMap, isScalar, LineCounter } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import { findMisuse } from './plan-misuse';
import type { PlanError, PlanPath } from './plan-error';
import { tokenize } from './plan-tokens';

/** The value of a plan file, and the way back from a place in it to a line of the file. */
export interface PlanSource {
  value: unknown;
  /** The line of the nearest part of the file that exists. */
  lineOf: (path: PlanPath) => number | null;
}

export type ReadResult = { ok: true; source: PlanSource } | { ok: false; errors: PlanError[] };

/** YAML 1.2, and so JSON too. Never throws, whatever the text is. */
export function readPlanSource(text: string, fileName: string): ReadResult {
  const lines = new LineCounter();
  const lexed = tokenize(text, lines);
  if (!lexed.ok) return { ok: false, errors: [{ line: null, field: '', message: lexed.message }] };
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, stringKeys: true });
  const [document, second] = composer.compose(lexed.tokens, true, text.length);
  const language = /\.json$/i.test(fileName) ? 'JSON' : 'YAML';
  const lineAt = (offset: number) => lines.linePos(offset).line;

  const errors: PlanError[] = [...document!.errors, ...document!.warnings].map(({ pos, message }) => ({
    line: lineAt(pos[0]),
    field: '',
    message: `is not valid ${language}: ${message}`,
  }));
  if (second) {
    const message = 'a plan file holds one document; remove everything from the second "---" on';
    errors.push({ line: lineAt(second.range[0]), field: '', message });
  }
  if (errors.length > 0) return { ok: false, errors };
  const misuse = findMisuse(document!, lineAt);
  if (misuse.length > 0) return { ok: false, errors: misuse };
  const value: unknown = document!.toJS();
  return { ok: true, source: { value, lineOf: (path) => lineOf(document!, path, lineAt) } };
}

function lineOf(document: Document, path: PlanPath, lineAt: (offset: number) => number): number | null {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0];
  for (const step of path) {
    if (isMap(node)) {
      const pair = pairOf(node, step);
      offset = isScalar(pair?.key) ? pair.key.range?.[0] : offset;
      node = pair?.value;
    } else {
      node = isCollection(node) ? node.get(step, true) : undefined;
      offset = isCollection(node) || isScalar(node) ? node.range?.[0] : offset;
    }
    if (node === undefined) break;
  }
  return offset === undefined ? null : lineAt(offset);
}

function pairOf(map: YAMLMap, key: string | number) {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}
