import { readFile } from 'node:fs/promises';

/**
 * Names a process for ever: boot, process id and start time (field 22 of /proc/<pid>/stat, in ticks since boot;
 * see proc(5)). A process id alone is used again. Null when there is no such process. Without /proc the start
 * time is unknown, and only the process id counts.
 */
export async function processIdentity(pid: number): Promise<string | null> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  if (boot === null) return runs(pid) ? `-:${pid}:-` : null;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The command's name, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${boot.trim()}:${pid}:${fields[19]}`;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let own: Promise<string> | undefined;

/** This process's own identity. */
export function ownIdentity(): Promise<string> {
  own ??= processIdentity(process.pid).then((identity) => identity ?? `-:${process.pid}:-`);
  return own;
}

/** True while the process that `identity` names still runs, on this machine and since this boot. */
export async function isAlive(identity: string): Promise<boolean> {
  const pid = Number(identity.split(':')[1]);
  return Number.isInteger(pid) && pid > 0 && (await processIdentity(pid)) === identity;
}
