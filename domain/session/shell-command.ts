const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command as it can be pasted into a shell. */
export const commandOf = (words: readonly string[]): string => words.map(quoted).join(' ');
