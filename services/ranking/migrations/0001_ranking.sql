-- Facts, from what others said: one row a part that counts, as its events add up.
create table part (
    assignment_id   uuid primary key,
    peers           text          not null,
    place           text          not null,
    name            text          not null,
    known_at        timestamptz   not null,
    receipt_due     timestamptz,
    acknowledged_at timestamptz,
    feedback_due    timestamptz,
    fed_back_at     timestamptz,
    original_due    timestamptz,
    submitted_at    timestamptz,
    lost_at         timestamptz,
    closed_at       timestamptz,
    closed_in_time  boolean,
    turns           timestamptz[] not null,
    reported        text[]        not null,
    left_at         timestamptz,
    pauses          timestamptz[] not null
);
create index part_known on part (known_at);

-- The stretches of time in which a part was red; `version` is that of the light that began it.
create table red (
    assignment_id uuid        not null,
    version       integer     not null,
    at            timestamptz not null,
    until         timestamptz,
    primary key (assignment_id, version)
);

-- Urgings and orders that reached a place, and documents that are void.
create table urging (
    delivery_id uuid primary key,
    notice_id   uuid        not null,
    peers       text        not null,
    place       text        not null,
    at          timestamptz not null
);
create table void (notice_id uuid primary key, at timestamptz not null);

create table unit (address text primary key, name text not null, kind text not null);
create table calendar_day (date date primary key, is_workday boolean not null);

-- How often the facts changed, and up to where they were last looked at: after a rebuild the next tick looks again.
create table edition (one boolean primary key default true check (one), n bigint not null);
create table look (one boolean primary key default true check (one), edition bigint not null, at timestamptz not null);

-- Own state, from own events alone.
create table scheme (version integer primary key, effective date not null, values jsonb not null);
create table draft (
    period  text    not null,
    peers   text    not null,
    version integer not null,
    digest  text    not null,
    primary key (period, peers)
);
create table board (
    period         text        not null,
    peers          text        not null,
    revision       integer     not null,
    scheme_version integer     not null,
    as_of          timestamptz not null,
    digest         text        not null,
    standings      jsonb       not null,
    primary key (period, peers, revision)
);
