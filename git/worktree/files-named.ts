import { readdir } from 'node:fs/promises';

/** What stands for each byte of a name that is no UTF-8. */
const UNKNOWN = '\ufffd';
const SLASH = Buffer.from('/');

/** The files that a path of git's may mean: where a name in it is no UTF-8, all that look like it. */
export async function filesNamed(folder: string, path: string): Promise<Buffer[]> {
  let found: Buffer[] = [Buffer.from(folder)];
  for (const name of path.split('/'))
    found = (await Promise.all(found.map((parent) => entriesNamed(parent, name)))).flat();
  return found;
}

async function entriesNamed(parent: Buffer, name: string): Promise<Buffer[]> {
  const names = name.includes(UNKNOWN)
    ? (await readdir(parent, { encoding: 'buffer' }).catch(() => [])).filter(
        (entry) => entry.toString() === name,
      )
    : [Buffer.from(name)];
  return names.map((entry) => Buffer.concat([parent, SLASH, entry]));
}
