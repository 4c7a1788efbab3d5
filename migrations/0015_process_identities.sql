-- A process has the same two fields wherever it is on record: see processes/identity.ts.
update yokeflow.leases set processes = (
  select jsonb_agg(jsonb_build_object('pid', process->'pgid', 'startedAt', process->'startTime'))
  from jsonb_array_elements(processes) as process
) where processes <> '[]';
