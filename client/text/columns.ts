import stringWidth from 'string-width';

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
