import { stat } from 'node:fs/promises';

/** What changes whenever a file does; null where there is none. */
export async function fileSignature(file: string): Promise<string | null> {
  const found = await stat(file, { bigint: true }).catch(() => null);
  // The change time, unlike the modification time, cannot be set back.
  return found && `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
