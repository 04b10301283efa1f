create table handled (seq bigint generated always as identity, thing text not null, version integer not null);
create table echo (thing text primary key, total integer not null);
