/** Shorter ones might be found by chance where two lines of ordinary text meet. */
const SHORTEST = 16;

/**
 * Takes out of a text what goes on in the next line, once or many times, as `base64` and `fold` print it. `known`, which
 * has to be global, is looked for in the text without its line breaks.
 */
export function redactWrapped(text: string, known: RegExp, gone: string): string {
  if (!text.includes('\n')) return text;
  const joined = text.replace(/\r?\n/g, '');
  const found = [...joined.matchAll(known)].filter(([match]) => match.length >= SHORTEST);
  if (found.length === 0) return text;
  const placeOf = placesIn(text);
  let redacted = '';
  let at = 0;
  for (const { index, 0: match } of found) {
    const start = placeOf(index);
    // The place of its last character, so that a line break after it stays.
    const end = placeOf(index + match.length - 1) + 1;
    redacted += text.slice(at, start) + gone;
    at = end;
  }
  return redacted + text.slice(at);
}

/** Where a character of the text without line breaks is in the text; asked for in rising order. */
function placesIn(text: string): (index: number) => number {
  const breaks = text.matchAll(/\r?\n/g);
  let next = breaks.next();
  let skipped = 0;
  return (index) => {
    while (!next.done && next.value.index <= index + skipped) {
      skipped += next.value[0].length;
      next = breaks.next();
    }
    return index + skipped;
  };
}
