-- Which database this is: a repository bears its name, which keeps sessions of other databases out of it.
create table yokeflow.identity (
  id uuid not null default gen_random_uuid(),
  the_only_one boolean primary key default true check (the_only_one)
);
insert into yokeflow.identity default values;
