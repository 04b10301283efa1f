-- What every service has: events it emitted, which of them wait, marks of events it handled, answers, dead letters,
-- who did what.
create sequence outbox_seq;
create table outbox (
    seq       bigint      not null default nextval('outbox_seq'),
    id        uuid        not null,
    type      text        not null,
    aggregate text        not null,
    order_key text        not null,
    version   integer     not null,
    subject   text        not null,
    body      bytea       not null,
    time      timestamptz not null,
    trace     text        not null default '',
    at        timestamptz not null default now(),
    primary key (seq, at)
) partition by range (at);

-- Rows of outbox are written once. What waits to be published is a row here, written with it and deleted after the ack:
-- a queue, so dead rows are the rule and vacuum comes often; it is cheap because the rows are short.
create table pending (
    seq       bigint      not null,
    lane      smallint    not null,
    order_key text        not null,
    at        timestamptz not null
) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0
);
create index pending_lane on pending (lane, seq);
create index pending_bulk on pending (order_key, seq) where lane = 1;

create table inbox (aggregate text primary key, version integer not null);

create table command (
    sender text        not null, -- a node, whose ids are its own; empty for the portal
    id     uuid        not null,
    type   text        not null,
    digest bytea       not null,
    answer jsonb       not null,
    at     timestamptz not null default now(),
    primary key (sender, id)
);

-- The durable commands answered by an event: how often, and which sending last.
create table command_answered (
    sender  text        not null,
    id      uuid        not null,
    address text        not null,
    version integer     not null,
    sent_at timestamptz not null,
    primary key (sender, id)
);

create table dead_letter (
    id        text primary key,
    type      text        not null,
    aggregate text        not null,
    sequence  bigint      not null,
    subject   text        not null,
    body      bytea       not null,
    error     text        not null,
    retry     boolean     not null default false,
    at        timestamptz not null default now()
);
create index dead_letter_aggregate on dead_letter (aggregate);

create table audit (
    seq   bigint generated always as identity primary key,
    unit  text        not null,
    entry text        not null,
    place bigint,
    hash  bytea,
    at    timestamptz not null default now()
);
create index audit_unsealed on audit (seq) where hash is null;
create index audit_unit on audit (unit, place);

create table audit_head (
    unit        text primary key,
    entries     bigint      not null,
    hash        bytea       not null,
    anchors     integer     not null default 0,
    anchored_at timestamptz,
    changed_at  timestamptz not null default now()
);

create table mark (name text primary key, at timestamptz not null default now());

-- How far the events were read (job inbox), and published (job outbox): the message with this id stood at this place of
-- the stream made at that moment; the last of each hour. low: all of the log below it was published before.
create table place (
    job     text        not null,
    hour    timestamptz not null,
    created timestamptz not null,
    seq     bigint      not null,
    id      text        not null,
    low     bigint      not null,
    primary key (job, hour)
);
