-- People see these numbers. A sequence leaves out up to 32 of them when PostgreSQL is killed: see db/session/session-open.ts.
alter table yokeflow.sessions alter column id drop identity;
