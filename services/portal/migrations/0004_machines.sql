-- What the portal itself was asked to change, by Idempotency-Key: never an event, never emptied at a rebuild.
create table answered (
    command_id uuid primary key,
    request    bytea not null,
    answer     text not null,
    at         timestamptz not null default now()
);
create index answered_at on answered (at);

-- Addresses that a unit wants events sent to: never an event, never emptied at a rebuild. Who delivers reads with the
-- eyes of unit and role, from `after` on, and signs with both secrets until `previous_until`.
create table webhook (
    webhook_id      uuid primary key,
    unit            text collate "C" not null,
    role            text not null,
    person_id       text not null,
    url             text not null,
    types           text[] not null,
    description     text not null,
    secret          text not null,
    previous_secret text,
    previous_until  timestamptz,
    after           text not null,
    version         integer not null default 1,
    created_at      timestamptz not null default now(),
    changed_at      timestamptz not null default now()
);
create index webhook_unit on webhook (unit, role, created_at, webhook_id);

-- Lists of what one unit has: files, and documents that were sent to it.
create index upload_unit on upload (unit, at desc, digest desc);
create index feed_cited on feed using gin (evidence) where evidence <> '{}';
alter table delivery add column sent_at timestamptz;
update delivery set sent_at = (body ->> 'sent_at')::timestamptz;
alter table delivery alter column sent_at set not null;
create index delivery_unit on delivery (unit, sent_at desc, delivery_id desc);
