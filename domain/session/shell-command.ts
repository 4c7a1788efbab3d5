const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word as a shell takes it. */
export function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  // A terminal would not show these as they are, and what is pasted would not be them.
  if (/\p{Cc}/u.test(word)) return `$'${word.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, escaped)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

const escaped = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** A command as it can be pasted into a shell. */
export const commandOf = (words: readonly string[]): string => words.map(quoted).join(' ');
