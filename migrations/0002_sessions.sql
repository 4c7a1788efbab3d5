create table yokeflow.sessions (
  id integer generated always as identity primary key,
  project_id integer not null references yokeflow.projects on delete cascade,
  workflow_id text not null check (workflow_id <> ''),
  run_id text not null check (run_id <> ''),
  status text not null default 'running'
    check (status in ('running', 'paused', 'complete', 'incomplete', 'cancelled', 'failed')),
  status_reason text,
  options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
  -- Nano-dollars: integers add up exactly.
  total_cost_nano bigint not null default 0 check (total_cost_nano >= 0),
  total_cost numeric generated always as (total_cost_nano::numeric / 1000000000) stored,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  duration_seconds numeric
    generated always as (round(extract(epoch from ended_at - started_at)::numeric, 3)) stored,
  last_event_seq bigint not null default 0,
  unique (workflow_id, run_id),
  constraint closed_sessions_have_an_end check ((status in ('running', 'paused')) = (ended_at is null))
);
create unique index one_open_session_per_project
  on yokeflow.sessions (project_id) where status in ('running', 'paused');
create index sessions_project on yokeflow.sessions (project_id, id);

create table yokeflow.parallel_batches (
  session_id integer not null references yokeflow.sessions on delete cascade,
  number integer not null check (number > 0),
  task_numbers integer[] not null check (cardinality(task_numbers) > 0),
  status text not null default 'pending' check (status in ('pending', 'running', 'complete')),
  started_at timestamptz,
  completed_at timestamptz,
  primary key (session_id, number)
);
