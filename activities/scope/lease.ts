import { Context } from '@temporalio/activity';
import { patiently } from '../../agents/contract/patience';
import type { Queryable } from '../../db/connection/connection';
import { forgetProcess, recordProcess } from '../../db/worktree/lease-processes';
import { keepRenewed } from '../../db/worktree/lease-renewal';
import { releaseLease, takeLease, type TokenOfLease } from '../../db/worktree/leases';
import { RENEW_MS, STALE_AFTER_MS } from '../../domain/session/lease-times';
import type { ProcessIdentity } from '../../processes/identity';
import { endTree } from '../../processes/tree';
import { watchClaim, type Claimed } from './claim';
import { fail } from './failure';

/** Any age is stale. */
const SEIZE = -1_000;

export interface Lease {
  token: number;
  /** The same holder had it before, and was lost while a command ran. */
  interrupted: boolean;
  /** Aborted when the activity has to stop, or when somebody newer took the worktree over. */
  signal: AbortSignal;
  lost(): boolean;
  /** Puts a process group on record before it may do anything. */
  onProcess(leader: ProcessIdentity): Promise<void>;
  /** The group has ended. */
  afterProcess(leader: ProcessIdentity): Promise<void>;
  release(): Promise<void>;
}

/**
 * Owns a worktree while `work` runs. What an earlier holder left running is ended first. The lease stays taken
 * when `work` is done, unless it releases it: a task keeps its worktree from the agent's start to the commit.
 *
 * `seize` takes it from any holder at once: for whoever knows that nobody is entitled to it any more. With `claimed`, for
 * work that takes long, it is lost also when another database takes the repository over.
 *
 * @throws ApplicationFailure `LeaseHeld` (retried) while another holder is alive.
 */
export async function withLease<T>(
  db: Queryable,
  place: { worktreeId: number; holder: string; seize?: boolean; claimed?: Claimed },
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const { worktreeId, holder, seize = false, claimed } = place;
  // The server's clock: a try that a frozen worker picked up late is older than the one that replaced it.
  const order = Context.current().info.currentAttemptScheduledTimestampMs;
  const taken = await takeLease(db, {
    worktreeId,
    holder,
    order,
    staleAfterMs: seize ? SEIZE : STALE_AFTER_MS,
  });
  if (taken.kind === 'held')
    throw fail('LeaseHeld', `the worktree is in use by ${taken.holder}; it will be tried again`);
  const { token } = taken;
  await endProcesses(db, { worktreeId, token }, taken.previous.processes);
  const renewal = keepRenewed(db, { worktreeId, token });
  const claim = claimed && watchClaim(claimed, RENEW_MS);
  const lost = AbortSignal.any([renewal.signal, ...(claim ? [claim.signal] : [])]);
  const signal = AbortSignal.any([Context.current().cancellationSignal, lost]);
  try {
    return await work({
      token,
      interrupted: taken.previous.holder === holder && taken.previous.processes.length > 0,
      signal,
      lost: () => lost.aborted,
      async onProcess(leader) {
        const owned = await patiently(() => recordProcess(db, { worktreeId, token, ...leader }), signal);
        if (!owned) throw fail('LeaseLost', 'a newer try owns the worktree');
      },
      async afterProcess({ pid }) {
        await patiently(() => forgetProcess(db, { worktreeId, token, pid }), signal);
      },
      release: async () => void (await releaseLease(db, { worktreeId, token })),
    });
  } finally {
    renewal.stop();
    claim?.stop();
  }
}

/** Ends what an earlier holder of the lease left running. */
export async function endProcesses(
  db: Queryable,
  lease: TokenOfLease,
  leaders: readonly ProcessIdentity[],
): Promise<void> {
  for (const leader of leaders) {
    await endTree(leader);
    await forgetProcess(db, { ...lease, pid: leader.pid });
  }
}
