create table yokeflow.events (
  session_id integer not null references yokeflow.sessions on delete cascade,
  seq bigint not null check (seq > 0),
  type text not null check (type in (
    'session_started', 'batch_started', 'task_started', 'agent_turn', 'task_retrying', 'task_complete',
    'task_failed', 'task_blocked', 'batch_complete', 'cost_update', 'merge_started', 'merge_conflict',
    'epic_merged', 'attention_needed', 'session_paused', 'session_complete'
  )),
  epic_number integer,
  task_number integer,
  data jsonb not null default '{}' check (jsonb_typeof(data) = 'object'),
  key text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (session_id, seq),
  unique (session_id, key)
);

-- A function, because its second statement must see what a concurrent writer of the same key committed
-- while the first one waited for the session's row. Returns null when the key has been recorded already.
create function yokeflow.append_event(
  for_session integer, event_type text, epic integer, task integer, event_data jsonb, event_key text
) returns bigint language plpgsql as $$
declare
  next_seq bigint;
begin
  perform from yokeflow.sessions where id = for_session for no key update;
  if not found then
    raise foreign_key_violation using message = format('there is no session %s', for_session);
  end if;
  if event_key is not null
    and exists (select from yokeflow.events where session_id = for_session and key = event_key) then
    return null;
  end if;
  update yokeflow.sessions set last_event_seq = last_event_seq + 1
    where id = for_session returning last_event_seq into next_seq;
  insert into yokeflow.events (session_id, seq, type, epic_number, task_number, data, key)
    values (for_session, next_seq, event_type, epic, task, event_data, event_key);
  perform pg_notify('yokeflow_events', for_session || ':' || next_seq);
  return next_seq;
end
$$;
