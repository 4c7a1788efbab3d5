/** `a, b and 3 more`: so many of them in a sentence. */
export function listed(words: readonly string[], most = words.length): string {
  const more = words.length - most;
  return words.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
