import type { ShellRequest } from '../../agents/process/shell';
import type { Queryable } from '../../db/connection/connection';
import { forgetProcess, recordProcess } from '../../db/worktree/lease-processes';
import { keepRenewed } from '../../db/worktree/lease-renewal';
import { releaseLease, renewLease, takeLease, type TokenOfLease } from '../../db/worktree/leases';
import { STALE_AFTER_MS } from '../../domain/session/lease-times';
import { isTreeRunning } from '../../processes/tree';
import { CommandFailed } from '../cli/exit';

export type Owned<T> = { owned: true; value: T } | { owned: false; reason: string };

/** What a command of the owner's tells of its processes. */
type Records = Required<Pick<ShellRequest, 'onProcess' | 'afterProcess'>>;

/** Processes are put on record before they may do anything: a worker ends them should this one be killed. */
export interface Owner extends Records {
  /** False when somebody has taken the worktree over, as after this machine slept: it has to be left alone then. */
  isStill(): Promise<boolean>;
}

/** Runs `work` as the one owner of a worktree, however long it takes; refuses while an agent works there, or may. */
export async function asOwner<T>(
  db: Queryable,
  worktreeId: number,
  work: (owner: Owner) => Promise<T>,
  { renewMs }: { renewMs?: number } = {},
): Promise<Owned<T>> {
  const holder = `yokeflow worktrees, process ${process.pid}`;
  const grant = await takeLease(db, { worktreeId, holder, staleAfterMs: STALE_AFTER_MS });
  if (grant.kind === 'held') return { owned: false, reason: `is in use by ${grant.holder}` };
  const lease = { worktreeId, token: grant.token };
  const renewal = keepRenewed(db, lease, renewMs);
  try {
    for (const leader of grant.previous.processes)
      if (await isTreeRunning(leader))
        return {
          owned: false,
          reason: `an agent that a killed worker left still runs in it (process group ${leader.pid})`,
        };
    const isStill = () => renewLease(db, lease);
    return { owned: true, value: await work({ isStill, ...recordsOf(db, lease) }) };
  } finally {
    renewal.stop();
    await releaseLease(db, lease);
  }
}

function recordsOf(db: Queryable, lease: TokenOfLease): Records {
  return {
    async onProcess(leader) {
      if (await recordProcess(db, { ...lease, ...leader })) return;
      throw new CommandFailed(
        'somebody has begun to work in the worktree meanwhile: look at it, then try again',
      );
    },
    afterProcess: async ({ pid }) => void (await forgetProcess(db, { ...lease, pid })),
  };
}
