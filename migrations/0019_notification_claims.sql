-- Who takes an event says so by a word of its own: where the answer is lost with the connection, it finds what it has.
alter table yokeflow.notifications add column claim uuid;
