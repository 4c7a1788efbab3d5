import { readFileSync } from 'node:fs';
import { processIds } from './proc-files';
import { ps } from './ps';

/** A process of this machine that has not ended. */
export interface RunningProcess {
  pid: number;
  /** Its parent. */
  ppid: number;
  /** Its group: the pid of the group's leader. */
  pgid: number;
  /** Where there is a /proc, the boot and the clock ticks since then; elsewhere the time in words. */
  startedAt: string;
  /** By SIGSTOP or Ctrl-Z: it does nothing until it is told to go on. */
  stopped: boolean;
}

/** All processes of this machine: from /proc on Linux, from `ps` elsewhere. */
export async function listProcesses(platform = process.platform): Promise<RunningProcess[]> {
  return platform === 'linux' ? (await processIds()).flatMap(rowFromProc) : rowsFromPs('-ax');
}

/** Null when there is none with this id. */
export async function findProcess(pid: number, platform = process.platform): Promise<RunningProcess | null> {
  const rows = platform === 'linux' ? rowFromProc(pid) : await rowsFromPs('-p', String(pid));
  return rows[0] ?? null;
}

/** Where /proc/<pid>/stat has the start time, counted from the state: see proc(5). */
const START_TIME = 19;

function rowFromProc(pid: number): RunningProcess[] {
  const stat = contentOf(`/proc/${pid}/stat`);
  // The command name, field 2, is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ppid, pgid] = fields;
  return rowOf(state, [String(pid), ppid, pgid], `${bootId()}/${fields[START_TIME]}`);
}

let boot: string | undefined;
const bootId = () => (boot ??= contentOf('/proc/sys/kernel/random/boot_id').trim());

/** Not asynchronous: the kernel answers from memory in 10 microseconds, for which a promise costs eight times as much. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function rowsFromPs(...which: string[]): Promise<RunningProcess[]> {
  const columns = ['stat=', 'pid=', 'ppid=', 'pgid=', 'lstart='].flatMap((column) => ['-o', column]);
  const table = await ps(...which, ...columns);
  return table.split('\n').flatMap((line) => {
    const [state, pid, ppid, pgid, ...start] = line.trim().split(/\s+/);
    return rowOf(state, [pid, ppid, pgid], start.join(' '));
  });
}

function rowOf(
  state: string | undefined,
  [pid, ppid, pgid]: (string | undefined)[],
  startedAt: string,
): RunningProcess[] {
  // A zombie has ended; nobody has asked for its exit code yet.
  if (!state || /^[ZX]/.test(state) || !pgid) return [];
  const stopped = state.startsWith('T');
  return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), startedAt, stopped }];
}
