import type { Colors } from 'picocolors/types';
import stringWidth from 'string-width';
import { cut } from '../text/columns';

export type Style = 'plain' | 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** A piece of a line, in one style. */
export type Span = string | { text: string; style: Style };

/** A line before it is coloured and cut to the terminal's width. */
export type Line = Span[];

const textOf = (span: Span) => (typeof span === 'string' ? span : span.text);

/** The line in colours, at most `width` columns wide; what does not fit ends in an ellipsis. */
export function paint(line: Line, width: number, colours: Colors): string {
  const parts: string[] = [];
  let room = width;
  const whole = line.reduce((sum, span) => sum + stringWidth(textOf(span)), 0) <= width;
  for (const span of line) {
    if (room <= 0) break;
    const text = whole ? textOf(span) : cut(textOf(span), room, span !== line.at(-1));
    room -= stringWidth(text);
    parts.push(styled(text, span, colours));
  }
  return parts.join('').trimEnd();
}

function styled(text: string, span: Span, colours: Colors): string {
  if (typeof span === 'string' || span.style === 'plain') return text;
  return colours[span.style](text);
}

/** Exactly `width` columns of the text. */
export function column(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(width - stringWidth(shown), 0));
}
