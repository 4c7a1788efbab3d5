-- What model calls may cost beyond what is recorded, so that agents side by side never promise the same money twice.
alter table yokeflow.task_attempts
  -- The worst case of the call that is under way; 0 between calls.
  add column in_flight_nano bigint not null default 0 check (in_flight_nano >= 0),
  -- The worst case of calls whose end nobody saw.
  add column uncertain_nano bigint not null default 0 check (uncertain_nano >= 0);
