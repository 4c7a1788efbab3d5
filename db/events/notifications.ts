import { randomUUID } from 'node:crypto';
import type { NewsEvent } from '../../domain/session/notification';
import type { Queryable } from '../connection/connection';
import { storableText } from '../../domain/storable-text';

export type Channel = 'command' | 'webhook';

/** What happened longer ago is no news: a channel that is new says nothing of the past. */
const NEWS_FOR = '1 hour';

/** A pause calls for a person only where nobody asked for it. */
const WORTH_TELLING = `(
  e.type in ('attention_needed', 'session_complete')
  or (e.type = 'session_paused' and e.data ->> 'paused' = 'true' and e.data ->> 'reason' <> 'by a person')
)`;

/**
 * Takes one event after the other. One that was taken, and whose answer was lost with the connection, is what it gives
 * when it is asked again.
 */
export function notificationClaims(db: Queryable, channel: Channel): () => Promise<NewsEvent | null> {
  let claim = randomUUID();
  return async () => {
    const event = await claimNotification(db, channel, claim);
    claim = randomUUID();
    return event;
  };
}

/**
 * The oldest event that nobody has been told of over this channel, or null. It is taken for good, so that no other
 * worker tells of it too; who is stopped before it was sent gives it back with `releaseNotification`. `claim` names the
 * taking: once more by the same name gives the same event.
 */
export async function claimNotification(
  db: Queryable,
  channel: Channel,
  claim: string = randomUUID(),
): Promise<NewsEvent | null> {
  const { rows } = await db.query<NewsEvent>(
    `with before as (
       select session_id, seq from yokeflow.notifications where channel = $1 and claim = $3
     ), claimed as (
       insert into yokeflow.notifications (session_id, seq, channel, claim)
       select e.session_id, e.seq, $1, $3 from yokeflow.events e join yokeflow.sessions s on s.id = e.session_id
       where e.created_at > now() - $2::interval and not exists (select from before)
         and e.type in ('attention_needed', 'session_complete', 'session_paused')
         and ${WORTH_TELLING} and not exists (
           select from yokeflow.notifications n
           where n.session_id = e.session_id and n.seq = e.seq and n.channel = $1
         )
       order by e.created_at, e.seq limit 1
       on conflict do nothing returning session_id, seq
     )
     select e.session_id as "sessionId", e.seq, e.type, e.epic_number as epic, e.task_number as task,
       e.created_at as at, e.data, p.name as project, s.workflow_id as "workflowId"
     from (table before union all table claimed) taken join yokeflow.events e using (session_id, seq)
     join yokeflow.sessions s on s.id = e.session_id join yokeflow.projects p on p.id = s.project_id`,
    [channel, NEWS_FOR, claim],
  );
  return rows[0] ?? null;
}

type Claim = Pick<NewsEvent, 'sessionId' | 'seq'> & { channel: Channel };

/** @param reason why it could not be delivered; null when it was */
export async function settleNotification(
  db: Queryable,
  { sessionId, seq, channel, reason }: Claim & { reason: string | null },
): Promise<void> {
  await db.query(
    `update yokeflow.notifications set status = $4, reason = $5
     where session_id = $1 and seq = $2 and channel = $3`,
    [sessionId, seq, channel, ...(reason === null ? ['sent', null] : ['failed', storableText(reason)])],
  );
}

/** Only for what is known not to have been sent. */
export async function releaseNotification(db: Queryable, { sessionId, seq, channel }: Claim): Promise<void> {
  await db.query(
    `delete from yokeflow.notifications
     where session_id = $1 and seq = $2 and channel = $3 and status = 'sending'`,
    [sessionId, seq, channel],
  );
}

export interface SentNotification extends NewsEvent {
  channel: Channel;
  status: 'sending' | 'sent' | 'failed';
  reason: string | null;
}

/** The latest of them, the latest first. */
export async function listNotifications(db: Queryable): Promise<SentNotification[]> {
  const { rows } = await db.query<SentNotification>(
    `select n.session_id as "sessionId", n.seq, e.type, e.epic_number as epic, e.task_number as task,
       e.created_at as at, e.data, p.name as project, s.workflow_id as "workflowId", n.channel, n.status, n.reason
     from yokeflow.notifications n join yokeflow.events e using (session_id, seq)
     join yokeflow.sessions s on s.id = e.session_id join yokeflow.projects p on p.id = s.project_id
     order by e.created_at desc, n.session_id desc, n.seq desc, n.channel limit 20`,
  );
  return rows;
}
