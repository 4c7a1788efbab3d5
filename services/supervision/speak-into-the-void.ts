/**
 * Whoever read what this process says may be gone, with the terminal; or the disk of its log is full, where Node ends it at the
 * second line. That is no reason to end without a word.
 */
export function speakIntoTheVoid(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
