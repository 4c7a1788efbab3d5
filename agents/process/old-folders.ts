import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the folders of these names in a directory in which nothing was added or removed for so long. Never throws. */
export async function removeOldFolders(
  directory: string,
  { named, ageMs }: { named: (name: string) => boolean; ageMs: number },
): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter(named)) {
    const folder = join(directory, name);
    const changed = await stat(folder).catch(() => null);
    if (changed && Date.now() - changed.mtimeMs > ageMs)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
