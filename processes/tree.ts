import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, type ProcessIdentity } from './identity';
import { environmentOf } from './proc-files';
import { send } from './signal';
import { listProcesses, type RunningProcess } from './table';

/**
 * A tree is the leader of a process group and all that it started. Every process of one carries this variable, the
 * leader's name in it, so that it is found again after it left the group (`setsid`) and lost its parent. CI services end
 * left-over builds in the same way.
 */
export const MARK = 'YOKEFLOW_GROUP';

const ROUNDS = 50;
const PAUSE_MS = 20;

/**
 * Ends a command with all that it started: its group, the descendants of its leader in groups of their own, and (on
 * Linux) whatever carries its mark. A process that clears its environment *and* outlives its parents escapes; only
 * a pid namespace would hold it. Does nothing to a process that merely has the same id. Returns once all are gone,
 * or after a second for one that the kernel does not let go, or that belongs to another user.
 */
export async function endTree(leader: ProcessIdentity): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const { replaced, members } = await lookAt(leader);
    // Collected before the kill: a parent's death hands its children to init, where nothing shows whose they were.
    if (!replaced) send(-leader.pid, 'SIGKILL');
    if (members.length === 0) return;
    for (const pid of members) send(pid, 'SIGKILL');
    await sleep(PAUSE_MS);
  }
}

/** Whether anything of it still runs. */
export const isTreeRunning = async (leader: ProcessIdentity): Promise<boolean> =>
  (await lookAt(leader)).members.length > 0;

/** `replaced`: another process has the leader's id by now, so that group and children of that number are not its own. */
async function lookAt(leader: ProcessIdentity): Promise<{ replaced: boolean; members: number[] }> {
  const processes = await listProcesses();
  const now = processes.find(({ pid }) => pid === leader.pid);
  const replaced = now !== undefined && now.startedAt !== leader.startedAt;
  const found = new Set(replaced ? [] : descendantsOf(leader.pid, processes));
  const mark = `${MARK}=${nameOf(leader)}`;
  await Promise.all(
    processes.map(async ({ pid, pgid, startedAt }) => {
      if (!replaced && pgid === leader.pid) found.add(pid);
      // Who is older than the leader has inherited nothing from it: most of a machine's processes need no second look.
      else if (!(ticksOf(startedAt) >= ticksOf(leader.startedAt))) return;
      else if ((await environmentOf(pid)).includes(mark)) found.add(pid);
    }),
  );
  found.delete(process.pid);
  return { replaced, members: [...found] };
}

/** Clock ticks since the machine's start; not a number where there is no /proc, and with it no mark to be seen. */
const ticksOf = (startedAt: string): number => Number(startedAt.split('/').at(-1));

/** Children, their children and so on; not the process itself. */
export function descendantsOf(
  pid: number,
  processes: readonly Pick<RunningProcess, 'pid' | 'ppid'>[],
): number[] {
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
