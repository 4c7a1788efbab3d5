-- Each time that merged epics were put to the project's verify command before they may land.
create table yokeflow.verifications (
  id integer generated always as identity primary key,
  session_id integer not null references yokeflow.sessions on delete cascade,
  -- Numbers of the plan, in the order in which they were merged; empty in a sequential session.
  epics integer[] not null,
  commit_sha text not null,
  tree text not null,
  passed boolean not null,
  reason text,
  output_tail text,
  duration_ms bigint not null check (duration_ms >= 0),
  created_at timestamptz not null default now(),
  constraint red_verifications_say_why check (passed = (reason is null))
);
create index verifications_session on yokeflow.verifications (session_id, id);

-- The one that keeps the epic from landing.
alter table yokeflow.worktrees
  add column verification_id integer references yokeflow.verifications on delete set null;

-- `merge`: not the task itself, but what keeps its epic from being merged: a conflict, or red tests.
alter table yokeflow.task_attempts
  add column purpose text not null default 'task' check (purpose in ('task', 'merge'));

-- How an agent resolved a conflict: for people to judge.
create table yokeflow.resolutions (
  attempt_id integer primary key references yokeflow.task_attempts on delete cascade,
  conflict jsonb not null,
  -- What differs from what git made of the merge by itself, markers and all.
  diff text not null,
  created_at timestamptz not null default now()
);
