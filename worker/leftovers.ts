import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { endProcesses } from '../activities/scope/lease';
import type { Queryable } from '../db/connection/connection';
import { abandonedLeases } from '../db/worktree/lease-processes';
import { releaseLease, takeLease } from '../db/worktree/leases';
import { QUIET_AFTER_MS } from '../domain/session/lease-times';
import { isOpenStatus } from '../domain/session/open-workflow';
import { orSoon, startRounds } from './rounds';

export interface LeftoverOptions {
  db: Queryable;
  client: Client;
  /** One line about what was ended. */
  log: (line: string) => void;
}

/**
 * Ends what a lost worker left running where nobody goes on with it. Whoever takes a worktree again ends such processes
 * first; when its session was terminated meanwhile, nobody may take it for days, and an agent would go on, and cost money.
 */
export function watchLeftovers(options: LeftoverOptions): { stop(): Promise<void> } {
  const look = () => endLeftovers(options);
  const rounds = startRounds(look);
  return {
    async stop() {
      await rounds.stop();
      // Perhaps no worker comes after this one.
      await orSoon(look);
    },
  };
}

async function endLeftovers({ db, client, log }: LeftoverOptions): Promise<void> {
  for (const { worktreeId, path, workflowId } of await abandonedLeases(db, QUIET_AFTER_MS)) {
    if (workflowId !== null && (await isOpen(client, workflowId))) continue;
    if (await endIn(db, worktreeId)) log(`ended what a lost worker had left running in ${path}`);
  }
}

async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    return isOpenStatus((await client.workflow.getHandle(workflowId).describe()).status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** False when the worktree has an owner after all. */
async function endIn(db: Queryable, worktreeId: number): Promise<boolean> {
  const holder = 'end of what a lost worker left';
  const taken = await takeLease(db, { worktreeId, holder, staleAfterMs: QUIET_AFTER_MS });
  if (taken.kind === 'held') return false;
  const { token, previous } = taken;
  await endProcesses(db, { worktreeId, token }, previous.processes);
  await releaseLease(db, { worktreeId, token });
  return previous.processes.length > 0;
}
