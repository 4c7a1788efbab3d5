create table yokeflow.worktrees (
  id integer generated always as identity primary key,
  project_id integer not null references yokeflow.projects on delete cascade,
  -- Null: the one worktree of sequential sessions.
  epic_id integer,
  path text not null check (path <> ''),
  branch_name text not null check (branch_name <> ''),
  status text not null default 'active'
    check (status in ('active', 'conflict', 'blocked', 'merged', 'removed')),
  start_commit text,
  merge_commit text,
  conflict jsonb,
  blocked_reason text,
  created_at timestamptz not null default now(),
  merged_at timestamptz,
  setup_done_at timestamptz,
  unique (project_id, branch_name),
  foreign key (epic_id, project_id) references yokeflow.epics (id, project_id) on delete no action
    deferrable initially deferred,
  constraint conflicts_are_described check ((status = 'conflict') = (conflict is not null)),
  constraint blocked_worktrees_say_why check ((status = 'blocked') = (blocked_reason is not null)),
  constraint merged_worktrees_say_when check (status <> 'merged' or merged_at is not null)
);
-- PostgreSQL 14 has no "nulls not distinct".
create unique index one_worktree_per_epic on yokeflow.worktrees (project_id, coalesce(epic_id, 0));
create unique index one_worktree_per_path on yokeflow.worktrees (path) where status <> 'removed';

create table yokeflow.leases (
  worktree_id integer primary key references yokeflow.worktrees on delete cascade,
  -- Grows with every taker: who holds a smaller one has been superseded.
  token bigint not null default 0 check (token >= 0),
  holder text,
  previous_holder text,
  -- Grows with the tries of one holder: a try that was frozen, and comes back late, is smaller than its successor.
  holder_order bigint not null default 0,
  attempt_id integer,
  heartbeat_at timestamptz not null default now(),
  released_at timestamptz default now(),
  processes jsonb not null default '[]' check (jsonb_typeof(processes) = 'array'),
  constraint held_leases_name_their_holder check (released_at is not null or holder is not null)
);
