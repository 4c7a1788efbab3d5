import type { Colors } from 'picocolors/types';
import type { Turn } from '../../db/task/turns';
import { harmless } from '../text/harmless';
import { clock } from '../text/units';
import { callDetails, callLine, indented } from './call-line';
import { partsOf, type Part } from './entry';
import { excerpt } from './excerpt';
import { usageText } from './turn-usage';

export interface TellerOptions {
  /** Nothing is shortened, and thinking is told too. */
  full: boolean;
  colours: Colors;
}

const PROMPT_LINES = 6;
const TEXT_LINES = 30;
const RESULT_LINES = 8;

interface OpenCall {
  line: string;
  begun: boolean;
}

/** Tells a transcript entry by entry, as it comes. Remembers which calls have no result yet. */
export function createTeller({ full, colours }: TellerOptions) {
  const open = new Map<string, OpenCall>();
  let turn = 0;
  let lastCall = '';

  const block = (text: string, lines: number, by = '  ') =>
    indented(full ? text.trimEnd() : excerpt(text, lines), by);

  function heading(entry: Turn): string[] {
    if (entry.kind !== 'response' || entry.n === turn) return [];
    turn = entry.n;
    const usage = usageText(entry);
    const words = `Turn ${turn}  ${clock(entry.createdAt)}${usage ? `  ${usage}` : ''}`;
    return [...interrupted(), '', colours.bold(words)];
  }

  /** What was begun, or asked for, and has nothing on record after that. */
  function interrupted(): string[] {
    const lines = [...open.values()].map(({ line, begun }) => {
      const what = begun ? 'interrupted, its outcome is unknown' : 'no result on record';
      return colours.yellow(`  ! ${line}: ${what}`);
    });
    open.clear();
    return lines;
  }

  function tell(part: Part, entry: Turn): string[] {
    switch (part.kind) {
      case 'prompt':
        return [colours.bold('Prompt'), block(part.text, PROMPT_LINES)];
      case 'text':
        return [block(part.text, TEXT_LINES)];
      case 'thinking':
        return full ? [colours.dim(`  (thinking)\n${indented(part.text.trimEnd(), '  ')}`)] : [];
      case 'call':
        return call(part, entry);
      case 'result':
        return result(part);
      case 'note': {
        const usage = entry.kind === 'response' ? '' : usageText(entry);
        return [colours.dim(`  * ${full ? part.text : excerpt(part.text, 2)}${usage ? ` (${usage})` : ''}`)];
      }
    }
  }

  function call({ id, name, input }: Extract<Part, { kind: 'call' }>, { kind }: Turn): string[] {
    const line = callLine(name, input);
    open.set(id, { line, begun: kind === 'begin' });
    lastCall = id;
    const details = full ? [indented(callDetails(input), '      ')] : [];
    return [`  ${colours.cyan('>')} ${colours.cyan(line)}`, ...details];
  }

  function result({ id, text, isError }: Extract<Part, { kind: 'result' }>): string[] {
    const label = id === lastCall ? [] : [colours.cyan(`  < ${open.get(id)?.line ?? id}`)];
    open.delete(id);
    lastCall = '';
    const said = block(text || '(nothing)', RESULT_LINES, '    ');
    return [...label, isError ? colours.red(said) : colours.dim(said)];
  }

  return {
    /** The lines that an entry adds. */
    entry(written: Turn): string[] {
      const entry = { ...written, payload: harmlessly(written.payload) };
      const begun = open.get(entry.toolUseId);
      if (entry.kind === 'begin' && begun) {
        begun.begun = true;
        return [];
      }
      return [...heading(entry), ...partsOf(entry).flatMap((part) => tell(part, entry))];
    },
    /** The attempt has ended: what is left without a result will never have one. */
    end: interrupted,
  };
}

/** Every text in it, whatever it is. */
function harmlessly(value: unknown): unknown {
  if (typeof value === 'string') return harmless(value);
  if (Array.isArray(value)) return value.map(harmlessly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [harmless(key), harmlessly(each)]));
}
