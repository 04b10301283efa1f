create table diary (
    seq     bigint generated always as identity,
    handler text  not null,
    types   text  not null,
    body    bytea not null
);
create table page (name text primary key, text text not null);
create table page_count (seq bigint generated always as identity, page text not null);
create table calls (events integer not null);
