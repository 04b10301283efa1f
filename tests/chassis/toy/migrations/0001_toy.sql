create table thing (name text primary key, total integer not null, version integer not null);
