import { basename } from 'node:path';
import { folderOf, processIds, programOf } from './proc-files';
import { outputOf } from './ps';

export interface NamedProcess {
  pid: number;
  /** Its working directory; null where that cannot be told, as of another user's. */
  folder: string | null;
}

/** The processes of this machine whose program is called by a name that begins like this: from /proc on Linux, from `ps` and `lsof` elsewhere. */
export async function processesNamed(prefix: string, platform = process.platform): Promise<NamedProcess[]> {
  return platform === 'linux' ? fromProc(prefix) : fromTools(prefix);
}

async function fromProc(prefix: string): Promise<NamedProcess[]> {
  const found: NamedProcess[] = [];
  for (const pid of await processIds())
    if ((await programOf(pid)).startsWith(prefix)) found.push({ pid, folder: await folderOf(pid) });
  return found;
}

async function fromTools(prefix: string): Promise<NamedProcess[]> {
  const pids = await pidsOf(prefix);
  if (pids.length === 0) return [];
  const folders = foldersIn(await outputOf('lsof', '-a', '-d', 'cwd', '-p', pids.join(','), '-Fn'));
  // What has ended meanwhile works nowhere.
  const still = pids.every((pid) => folders.has(pid)) ? pids : await pidsOf(prefix);
  const found = pids.filter((pid) => folders.has(pid) || still.includes(pid));
  return found.map((pid) => ({ pid, folder: folders.get(pid) ?? null }));
}

async function pidsOf(prefix: string): Promise<number[]> {
  const rows = (await outputOf('ps', '-ax', '-o', 'pid=', '-o', 'stat=', '-o', 'comm=')).split('\n');
  return rows.flatMap((row) => {
    const [, pid, state = '', program = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
    return basename(program).startsWith(prefix) && !state.startsWith('Z') ? [Number(pid)] : [];
  });
}

/** Of `lsof -Fn`: for each process a line `p<id>`, and after it `n<path>`. */
function foldersIn(output: string): Map<number, string> {
  const folders = new Map<number, string>();
  let pid = NaN;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    if (line.startsWith('n')) folders.set(pid, line.slice(1));
  }
  return folders;
}
