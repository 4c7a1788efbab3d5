import { findProcess } from './table';

/** A process, told apart from a later one that happens to get the same id. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in a form that only means something on the machine it comes from. Empty: nobody could tell. */
  startedAt: string;
}

/** The identity of a running process; null when there is none with this id. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const found = await findProcess(pid);
  return found && { pid, startedAt: found.startedAt };
}

/** Whether this very process still runs. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

/** The identity as one text, for files and environments. */
export const nameOf = ({ pid, startedAt }: ProcessIdentity): string => `${pid}:${startedAt}`;

/** The identity that a name stands for; of what is none, that of no process. */
export function identityNamed(name: string): ProcessIdentity {
  const [pid = ''] = name.split(':', 1);
  return { pid: Number(pid), startedAt: name.slice(pid.length + 1) };
}

let own: Promise<ProcessIdentity> | undefined;

/** This process's own. */
export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= identify(process.pid).then((found) => found ?? { pid: process.pid, startedAt: '' });
  return own;
}
