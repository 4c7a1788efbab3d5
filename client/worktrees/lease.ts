import type { ShellRequest } from '../../agents/process/shell';
import type { Queryable } from '../../db/connection/connection';
import { forgetProcess, recordProcess } from '../../db/worktree/lease-processes';
import { releaseLease, renewLease, takeLease, type TokenOfLease } from '../../db/worktree/leases';
import { RENEW_MS, STALE_AFTER_MS } from '../../domain/session/lease-times';
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
  { renewMs = RENEW_MS } = {},
): Promise<Owned<T>> {
  const holder = `yokeflow worktrees, process ${process.pid}`;
  const grant = await takeLease(db, { worktreeId, holder, staleAfterMs: STALE_AFTER_MS });
  if (grant.kind === 'held') return { owned: false, reason: `is in use by ${grant.holder}` };
  const isStill = () => renewLease(db, { worktreeId, token: grant.token });
  // While PostgreSQL is away nobody can take the worktree over.
  const renewal = setInterval(() => void isStill().catch(() => undefined), renewMs);
  try {
    for (const leader of grant.previous.processes)
      if (await isTreeRunning(leader))
        return {
          owned: false,
          reason: `an agent that a killed worker left still runs in it (process group ${leader.pid})`,
        };
    return {
      owned: true,
      value: await work({ isStill, ...recordsOf(db, { worktreeId, token: grant.token }) }),
    };
  } finally {
    clearInterval(renewal);
    await releaseLease(db, { worktreeId, token: grant.token });
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
