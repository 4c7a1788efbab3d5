-- What the merged tree was put to, in this order. The plan may be edited while its session is open.
alter table yokeflow.verifications add column commands text[];
