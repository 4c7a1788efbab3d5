create table yokeflow.projects (
  id integer generated always as identity primary key,
  name text not null unique check (name <> ''),
  repo_path text not null check (repo_path <> ''),
  git_dir text not null check (git_dir <> ''),
  bare boolean not null default false,
  base_branch text not null check (base_branch <> ''),
  author_name text,
  author_email text,
  verify text,
  setup text,
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index projects_git_dir on yokeflow.projects (git_dir);

create table yokeflow.epics (
  id integer generated always as identity primary key,
  project_id integer not null references yokeflow.projects on delete cascade,
  number integer not null check (number > 0),
  name text not null check (name <> ''),
  unique (project_id, number),
  unique (id, project_id)
);

create table yokeflow.tasks (
  id integer generated always as identity primary key,
  project_id integer not null references yokeflow.projects on delete cascade,
  epic_id integer not null,
  number integer not null check (number > 0),
  description text not null check (description <> ''),
  action text not null,
  priority integer not null default 100,
  agent text check (agent in ('claude', 'claude-code', 'codex', 'command', 'script')),
  model text,
  verify text,
  budget_usd numeric check (budget_usd > 0),
  status text not null default 'pending'
    check (status in ('pending', 'running', 'complete', 'failed', 'blocked', 'skipped')),
  status_reason text,
  commit_sha text check (commit_sha ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
  base_sha text check (base_sha ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
  no_changes boolean not null default false,
  attempts integer not null default 0 check (attempts >= 0),
  duration_ms bigint check (duration_ms >= 0),
  cost_nano bigint not null default 0 check (cost_nano >= 0),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, number),
  unique (id, project_id),
  foreign key (epic_id, project_id) references yokeflow.epics (id, project_id) on delete cascade,
  constraint complete_tasks_have_a_commit
    check (status <> 'complete' or (commit_sha is not null and completed_at is not null))
);
create index tasks_epic on yokeflow.tasks (epic_id);
create index tasks_unsettled on yokeflow.tasks (project_id, number) where status in ('pending', 'running');

create table yokeflow.task_dependencies (
  project_id integer not null,
  task_id integer not null,
  depends_on_id integer not null,
  type text not null default 'hard' check (type in ('hard', 'soft')),
  primary key (task_id, depends_on_id),
  -- The project in both keys: a dependency never leaves its project.
  foreign key (task_id, project_id) references yokeflow.tasks (id, project_id) on delete cascade,
  foreign key (depends_on_id, project_id) references yokeflow.tasks (id, project_id) on delete cascade,
  constraint no_task_depends_on_itself check (task_id <> depends_on_id)
);
create index task_dependencies_project on yokeflow.task_dependencies (project_id);
create index task_dependencies_depends_on on yokeflow.task_dependencies (depends_on_id);
