import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { endChild } from '../process/process';
import type { Git } from '../process/runner';

/** True when a file is the beginning of a blob, and not all of it: so git leaves what it was writing when it was killed. */
export async function isHalfWritten(git: Git, path: Buffer, blob: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    // Piece by piece: neither of the two need fit into memory.
    const whole = await git.start(['cat-file', 'blob', blob]);
    whole.stdin.end();
    try {
      return await isBeginning(file, whole.stdout as AsyncIterable<Buffer>);
    } finally {
      endChild(whole);
    }
  } finally {
    await file.close();
  }
}

async function isBeginning(file: FileHandle, whole: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const piece of whole) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(piece.length), 0, piece.length, null);
    if (!piece.subarray(0, bytesRead).equals(buffer.subarray(0, bytesRead))) return false;
    if (bytesRead < piece.length) return true;
  }
  return false;
}
