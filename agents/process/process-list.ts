import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

export interface RunningProcess {
  pid: number;
  ppid: number;
  pgid: number;
  /** In clock ticks since boot; unknown where there is no /proc. */
  startTime?: number;
}

/** Where /proc/<pid>/stat has the start time, counted from the state: see proc(5). */
const START_TIME = 19;

/** All processes of this machine that have not ended: from /proc on Linux, from `ps` elsewhere. */
export function listProcesses(): Promise<RunningProcess[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

async function fromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const stat = statOf(pid);
    // The command name, field 2, is in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ppid, pgid] = fields;
    const startTime = Number(fields[START_TIME]);
    return rowOf(state, pid, ppid, pgid).map((row) => ({ ...row, startTime }));
  });
}

/** Not asynchronous: the kernel answers from memory in 10 microseconds, for which a promise costs eight times as much. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

async function fromPs(): Promise<RunningProcess[]> {
  const ps = spawn('ps', ['-axo', 'stat=,pid=,ppid=,pgid='], { stdio: ['ignore', 'pipe', 'ignore'] });
  const failed = new Promise<never>((_resolve, reject) => ps.once('error', reject));
  const table = await Promise.race([text(ps.stdout), failed]);
  return table.split('\n').flatMap((line) => {
    const [state, pid, ppid, pgid] = line.trim().split(/\s+/);
    return rowOf(state, pid, ppid, pgid);
  });
}

function rowOf(
  state: string | undefined,
  pid: string | undefined,
  ppid: string | undefined,
  pgid: string | undefined,
): RunningProcess[] {
  // A zombie has ended; nobody has asked for its exit code yet.
  if (!state || /^[ZX]/.test(state) || !pgid) return [];
  return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid) }];
}
