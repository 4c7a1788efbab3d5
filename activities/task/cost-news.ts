import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { costsOfTasks } from '../../db/cost/costs';
import type { Database } from '../../db/connection/connection';
import { COST_CHANGED } from '../../domain/session/signals';
import type { CostChanged } from '../scope/contract';
import type { Place } from '../scope/place';

/** Each news is a signal in the session's history, which is not to fill up with them: a night has a thousand. */
const AT_MOST_EVERY_MS = 30_000;

/** By database and session: the tasks whose cost has changed since the last news. */
const sessions = new WeakMap<Database, Map<number, Set<number>>>();

/**
 * Tells the session's workflow what has been spent, so that the Web UI shows it while agents work: the first change
 * at once, later ones together. Where that fails, nothing is lost: every cost is in PostgreSQL, and comes with the
 * task's end.
 */
export function announceCost(db: Database, { session }: Pick<Place, 'session'>, taskId: number): void {
  const open = sessions.get(db) ?? new Map<number, Set<number>>();
  sessions.set(db, open);
  const known = open.get(session.id);
  if (known) return void known.add(taskId);
  const changed = new Set([taskId]);
  open.set(session.id, changed);
  const handle = Context.current().client.workflow.getHandle(session.workflowId);
  const next = () => {
    if (changed.size === 0) return void open.delete(session.id);
    void tell(db, handle, { sessionId: session.id, taskIds: [...changed] });
    changed.clear();
    setTimeout(next, AT_MOST_EVERY_MS).unref();
  };
  next();
}

async function tell(
  db: Database,
  handle: WorkflowHandle,
  changed: { sessionId: number; taskIds: number[] },
): Promise<void> {
  try {
    const news: CostChanged = { sessionId: changed.sessionId, ...(await costsOfTasks(db, changed)) };
    await handle.signal(COST_CHANGED, news);
  } catch {
    // The session has ended, or Temporal or PostgreSQL do not answer.
  }
}
