import { DANGEROUS } from '../../domain/harmless';

export { harmless } from '../../domain/harmless';

/** Of all sequences only those that are used here: bold, dim, red, green, yellow, cyan, and their ends. Black would hide a text. */
const OWN_COLOURS = /(\x1b\[(?:[12]|22|3[12369])m)/;

/**
 * A text on its way to the terminal: what could steer it is made visible, but our own colours stay where there are
 * any. JSON keeps its meaning, because what it may hold unescaped is written as JSON would escape it.
 */
export function printable(text: string, coloured: boolean): string {
  const plain = (part: string) => part.replace(/\r\n?/g, '\n').replace(DANGEROUS, escaped);
  if (!coloured) return plain(text);
  // `split` with a group puts the separators at the odd places.
  return text
    .split(OWN_COLOURS)
    .map((part, index) => (index % 2 === 1 ? part : plain(part)))
    .join('');
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** JSON on one line. `JSON.stringify` leaves the second set of control characters as they are. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(
    DANGEROUS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
