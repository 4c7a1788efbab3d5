-- What a resolution left out of what git had merged by itself: per file how many lines, and the first of them.
alter table yokeflow.resolutions add column dropped jsonb not null default '[]';
