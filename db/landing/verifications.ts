import type { Queryable } from '../connection/connection';
import { storableOrNull, storableText } from '../../domain/storable-text';

export interface Verification {
  id: number;
  sessionId: number;
  /** Numbers of the epics that were merged; empty in a sequential session. */
  epics: number[];
  commit: string;
  tree: string;
  /** What it was put to, in this order. */
  commands: string[];
  passed: boolean;
  /** Why it is red, in one line. */
  reason: string | null;
  outputTail: string | null;
  durationMs: number;
}

const SELECT = `select id, session_id as "sessionId", epics, commit_sha as commit, tree,
  coalesce(commands, '{}') as commands, passed, reason, output_tail as "outputTail", duration_ms as "durationMs"
  from yokeflow.verifications`;

export async function recordVerification(
  db: Queryable,
  {
    sessionId,
    epics,
    commit,
    tree,
    commands,
    reason,
    outputTail,
    durationMs,
  }: Omit<Verification, 'id' | 'passed'>,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into yokeflow.verifications
       (session_id, epics, commit_sha, tree, passed, reason, output_tail, duration_ms, commands)
     values ($1, $2, $3, $4, $5::text is null, $5, $6, $7, $8) returning id`,
    [
      sessionId,
      epics,
      commit,
      tree,
      storableOrNull(reason),
      storableOrNull(outputTail),
      Math.round(durationMs),
      commands.map(storableText),
    ],
  );
  return rows[0]!.id;
}

/** Whether this tree has passed these commands in the session: a landing that was interrupted after that need not verify again. */
export async function hasPassed(
  db: Queryable,
  { sessionId, tree, commands }: Pick<Verification, 'sessionId' | 'tree' | 'commands'>,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from yokeflow.verifications
     where session_id = $1 and tree = $2 and commands = $3 and passed limit 1`,
    [sessionId, tree, commands.map(storableText)],
  );
  return rowCount > 0;
}

export async function getVerification(db: Queryable, id: number): Promise<Verification | null> {
  return (await db.query<Verification>(`${SELECT} where id = $1`, [id])).rows[0] ?? null;
}

/** In the order in which they ran. */
export async function listVerifications(db: Queryable, sessionId: number): Promise<Verification[]> {
  return (await db.query<Verification>(`${SELECT} where session_id = $1 order by id`, [sessionId])).rows;
}
