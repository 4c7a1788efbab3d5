import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from '../contract/agent';
import { send, startTimeOf } from './process-identity';
import { listProcesses, type RunningProcess } from './process-list';

/**
 * Every process of a command carries this variable, so that it is found again after it left the group (`setsid`)
 * and lost its parent. CI services end left-over builds in the same way.
 */
export const MARK = 'YOKEFLOW_GROUP';

export const markOf = ({ pgid, startTime }: ProcessIdentity): string => `${pgid}:${startTime ?? ''}`;

const ROUNDS = 50;
const PAUSE_MS = 20;

/**
 * Ends a command with all that it started: its group, the descendants of its leader in groups of their own, and (on
 * Linux) whatever carries its mark. A process that clears its environment *and* outlives its parents escapes; only
 * a pid namespace would hold it. Does nothing to a process that merely has the same id. Returns once all are gone,
 * or after a second for one that the kernel does not let go, or that belongs to another user.
 */
export async function endTree(identity: ProcessIdentity): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const isLeader = await leads(identity);
    const members = await membersOf(identity, isLeader);
    // Collected before the kill: a parent's death hands its children to init, where nothing shows whose they were.
    if (isLeader !== false) send(-identity.pgid, 'SIGKILL');
    if (members.length === 0) return;
    for (const pid of members) send(pid, 'SIGKILL');
    await sleep(PAUSE_MS);
  }
}

/** True: the recorded leader runs. False: another process has its id now. Null: nobody has. */
async function leads({ pgid, startTime }: ProcessIdentity): Promise<boolean | null> {
  const now = await startTimeOf(pgid);
  if (now === null) return null;
  return startTime === null || now === startTime;
}

async function membersOf(identity: ProcessIdentity, isLeader: boolean | null): Promise<number[]> {
  const processes = await listProcesses();
  const found = new Set(isLeader ? descendantsOf(identity.pgid, processes) : []);
  const mark = `${MARK}=${markOf(identity)}`;
  await Promise.all(
    processes.map(async ({ pid, pgid, startTime }) => {
      if (isLeader !== false && pgid === identity.pgid) found.add(pid);
      // Who is older than the leader has inherited nothing from it: most of a machine's processes need no second look.
      else if (identity.startTime === null || (startTime ?? 0) < Number(identity.startTime)) return;
      else if (await hasVariable(pid, mark)) found.add(pid);
    }),
  );
  found.delete(process.pid);
  return [...found];
}

/** Children, their children and so on; not the process itself. */
export function descendantsOf(pid: number, processes: readonly RunningProcess[]): number[] {
  const children = new Map<number, number[]>();
  for (const process of processes) {
    const siblings = children.get(process.ppid);
    if (siblings) siblings.push(process.pid);
    else children.set(process.ppid, [process.pid]);
  }
  const found = [...(children.get(pid) ?? [])];
  for (let at = 0; at < found.length; at++) found.push(...(children.get(found[at]!) ?? []));
  return found;
}

async function hasVariable(pid: number, assignment: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(assignment);
}
