create table yokeflow.task_attempts (
  id integer generated always as identity primary key,
  task_id integer not null references yokeflow.tasks on delete cascade,
  session_id integer not null references yokeflow.sessions on delete cascade,
  worktree_id integer not null references yokeflow.worktrees on delete cascade,
  number integer not null check (number > 0),
  -- Names the attempt for whoever started it, so that a retried start finds it again.
  key text not null check (key <> ''),
  token bigint not null check (token > 0),
  status text not null default 'running'
    check (status in ('running', 'complete', 'failed', 'cancelled', 'abandoned')),
  agent text not null check (agent in ('claude', 'claude-code', 'codex', 'command', 'script')),
  model text,
  base_commit text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  agent_ended_at timestamptz,
  outcome text,
  reason text,
  output_tail text,
  verified_at timestamptz,
  tree text,
  commit_sha text,
  cost_nano bigint not null default 0 check (cost_nano >= 0),
  -- A response whose model has no known price: the cost is more than cost_nano.
  cost_unknown boolean not null default false,
  usage jsonb,
  unique (task_id, number),
  unique (task_id, key),
  constraint ended_attempts_say_when check ((status = 'running') = (ended_at is null)),
  constraint complete_attempts_have_a_commit check (status <> 'complete' or commit_sha is not null)
);
create unique index one_running_attempt_per_task on yokeflow.task_attempts (task_id) where status = 'running';
create index task_attempts_session on yokeflow.task_attempts (session_id);
create index task_attempts_worktree on yokeflow.task_attempts (worktree_id);

alter table yokeflow.leases
  add foreign key (attempt_id) references yokeflow.task_attempts on delete set null;

create table yokeflow.agent_turns (
  attempt_id integer not null references yokeflow.task_attempts on delete cascade,
  n integer not null check (n >= 0),
  kind text not null check (kind <> ''),
  tool_use_id text not null default '',
  payload jsonb not null,
  usage jsonb,
  cost_nano bigint check (cost_nano >= 0),
  created_at timestamptz not null default now(),
  position bigint generated always as identity,
  primary key (attempt_id, n, kind, tool_use_id)
);

-- What agents worked on the task, over all of its attempts.
create function yokeflow.task_duration_ms(of_task integer) returns bigint language sql stable as $$
  select coalesce(round(sum(extract(epoch from coalesce(ended_at, now()) - started_at)) * 1000), 0)::bigint
  from yokeflow.task_attempts where task_id = of_task
$$;
