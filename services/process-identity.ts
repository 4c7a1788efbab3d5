import { readFile } from 'node:fs/promises';
import { runCommand } from './command';
import { waitUntil } from './wait';

/** A process, told apart from a later one that happens to get the same id. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in a form that only means something on the machine it comes from. */
  startedAt: string;
}

async function startOnLinux(pid: number): Promise<string | null> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The name, in parentheses, may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const startedAt = fields[19];
    // A zombie has ended; nobody has asked for its exit code yet.
    return state === 'Z' || state === 'X' ? null : `${boot.trim()}/${startedAt}`;
  } catch {
    return null;
  }
}

async function startByPs(pid: number): Promise<string | null> {
  const { code, stdout } = await runCommand('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  const [state = 'Z', ...start] = stdout.trim().split(/\s+/);
  return code !== 0 || state.startsWith('Z') ? null : start.join(' ');
}

/** The identity of a running process; null when there is none with this id. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const startedAt = process.platform === 'linux' ? await startOnLinux(pid) : await startByPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether this very process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.startedAt === identity.startedAt;
}

/** Sends a signal to this very process; one that is gone already is fine. */
export async function signal(identity: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(identity))) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks a process to end, waits `graceMs` milliseconds, then kills it. */
export async function endProcess(
  identity: ProcessIdentity,
  name: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  const gone = async () => !(await isRunning(identity));
  await signal(identity, name);
  if (await waitUntil(gone, graceMs)) return;
  await signal(identity, 'SIGKILL');
  await waitUntil(gone, 5_000);
}
