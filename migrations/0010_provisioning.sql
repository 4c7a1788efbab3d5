alter table yokeflow.projects add column cleanup text;

alter table yokeflow.worktrees
  -- The first of ten; kept for the epic's life, so that what it starts is found at the same place again.
  add column port integer check (port between 1024 and 65526),
  add column setup_output text,
  -- What a person should know of how the worktree was made, or why it is still there.
  add column note text;
create unique index one_worktree_per_port on yokeflow.worktrees (port);
