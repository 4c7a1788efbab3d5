/**
 * Files named in a sentence. One with a line break, or another character that no line should have, is quoted: a message
 * would end in the middle of its name.
 */
export function fileNames(paths: readonly string[], most = paths.length): string {
  const more = paths.length - most;
  return paths.slice(0, most).map(named).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const named = (path: string): string => (/[\u0000-\u001f\u007f]/.test(path) ? JSON.stringify(path) : path);
