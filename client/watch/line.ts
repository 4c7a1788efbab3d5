import type { Colors } from 'picocolors/types';
import stringWidth from 'string-width';

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

const segmenter = new Intl.Segmenter();

/** At most `width` columns of the text. `more`: something follows that has no room if this takes all of it. */
export function cut(text: string, width: number, more = false): string {
  const own = stringWidth(text);
  if (own < width || (own === width && !more)) return text;
  return width > 0 ? `${headOf(text, width - 1)}…` : '';
}

/** As much of the text, from its beginning, as `width` columns hold. */
export function headOf(text: string, width: number): string {
  let head = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    head += segment;
  }
  return head;
}

/** Exactly `width` columns of the text. */
export function column(text: string, width: number): string {
  const shown = cut(text, width);
  return shown + ' '.repeat(Math.max(width - stringWidth(shown), 0));
}
