-- A token that a node fetched over the bus, for an hour; empty for those that an operator issued.
alter table token add column node text;
