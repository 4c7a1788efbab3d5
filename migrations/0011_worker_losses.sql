-- How often the worker was lost while a command of this try ran, since the try last got any further.
alter table yokeflow.task_attempts
  add column worker_losses integer not null default 0,
  -- Turns that were on record at the last loss.
  add column worker_losses_turn bigint not null default 0;
