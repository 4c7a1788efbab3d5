import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';

/** All that is in a file, or null where that is more than `most` bytes: what has no end, such as /dev/zero, would take all memory. */
export async function readGivenFile(file: string, most: number): Promise<Buffer | null> {
  const bytes = await buffer(createReadStream(file, { end: most }));
  return bytes.length > most ? null : bytes;
}
