-- Who is told of an event takes a row first: none is ever told twice of one.
create table yokeflow.notifications (
  session_id integer not null,
  seq bigint not null,
  channel text not null check (channel in ('command', 'webhook')),
  status text not null default 'sending' check (status in ('sending', 'sent', 'failed')),
  reason text,
  claimed_at timestamptz not null default clock_timestamp(),
  primary key (session_id, seq, channel),
  foreign key (session_id, seq) references yokeflow.events (session_id, seq) on delete cascade
);

create index events_worth_telling on yokeflow.events (created_at)
  where type in ('attention_needed', 'session_complete', 'session_paused', 'task_failed');
