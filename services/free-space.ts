import { statfs } from 'node:fs/promises';

const MEBIBYTE = 1024 * 1024;

/** What whoever is not root may still write there, in whole MiB. */
export async function freeMibAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / MEBIBYTE);
}
