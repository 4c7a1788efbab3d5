-- What a person asked for with a retry: it holds for every further try at the task.
alter table yokeflow.tasks
  add column retry_instructions text,
  add column retry_model text;
