-- How long the agent has worked, over all workers: whoever goes on with the attempt has the rest of its time.
alter table yokeflow.task_attempts add column agent_ms bigint not null default 0;
