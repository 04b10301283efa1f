-- Because of what an assignment is to be evaluated, and who drafted or signed a document last: W3C traceparents.
alter table evaluation add column trace text not null default '';
alter table notice add column trace text not null default '';
