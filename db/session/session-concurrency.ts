import type { Queryable } from '../connection/connection';

/** How many agents the open session may run at once from now on: a forecast goes by it. Idempotent. */
export async function setConcurrency(
  db: Queryable,
  { sessionId, maxConcurrency }: { sessionId: number; maxConcurrency: number },
): Promise<void> {
  await db.query(
    `update yokeflow.sessions set options = options || jsonb_build_object('maxConcurrency', $2::integer) where id = $1`,
    [sessionId, maxConcurrency],
  );
}
