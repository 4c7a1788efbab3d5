-- Where the person's own `git push` goes, as it was when they imported the plan: an agent may write to .git/config.
alter table yokeflow.projects add column remote_url text;

alter table yokeflow.worktrees drop constraint worktrees_status_check;
alter table yokeflow.worktrees
  add constraint worktrees_status_check
    check (status in ('active', 'conflict', 'blocked', 'proposed', 'merged', 'removed')),
  add column pull_request_number integer check (pull_request_number > 0),
  add column pull_request_url text,
  -- The commit of the epic's branch that was pushed for it.
  add column pull_request_commit text,
  add constraint pull_requests_are_whole check (
    (pull_request_number is null) = (pull_request_url is null)
    and (pull_request_number is null) = (pull_request_commit is null)
  ),
  add constraint proposed_worktrees_have_one check (status <> 'proposed' or pull_request_number is not null);

alter table yokeflow.events drop constraint events_type_check;
alter table yokeflow.events add constraint events_type_check check (type in (
  'session_started', 'batch_started', 'task_started', 'agent_turn', 'task_retrying', 'task_complete',
  'task_failed', 'task_blocked', 'batch_complete', 'cost_update', 'merge_started', 'merge_conflict',
  'epic_merged', 'epic_proposed', 'attention_needed', 'session_paused', 'session_complete'
));
