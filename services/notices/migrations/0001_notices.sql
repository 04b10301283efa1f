-- What others said: the register's names, the calendar, and each part with its light and clocks.
create table unit (address text primary key, name text not null, short text not null);

create table calendar (year integer primary key, event_id uuid not null, days jsonb not null);

create table assignment (
    assignment_id      uuid primary key,
    task_id            uuid        not null,
    title              text        not null,
    unit               text        not null,
    unit_name          text        not null,
    role               text        not null,
    issuer             text        not null,
    issuer_name        text        not null,
    owner              text        not null,
    state              text        not null,
    due                timestamptz,
    percent            numeric,
    historical_before  timestamptz,
    light              text        not null default 'normal',
    light_since        timestamptz,
    light_historical   boolean     not null default false,
    feedback_missed_at timestamptz,
    progress_at        timestamptz,
    due_soon_at        timestamptz,
    due_soon_for       timestamptz,
    paused             boolean     not null default false
);

-- Reports and their rejections, suspensions and their ends: what stops and restarts reply clocks (R3).
create table stir (
    assignment_id uuid        not null,
    at            timestamptz not null,
    kind          text        not null,
    primary key (assignment_id, at, kind)
);

-- What this service said: policies, documents, their rungs and deliveries, the last number of each series.
create table policy (name text not null, version integer not null, rules jsonb not null, primary key (name, version));

create table notice (
    notice_id   uuid primary key,
    version     integer     not null,
    kind        text        not null,
    state       text        not null,
    issuer      text        not null,
    issuer_name text        not null,
    owner       text        not null,
    title       text        not null,
    items       jsonb       not null,
    recipients  jsonb       not null,
    copies      jsonb       not null,
    paragraphs  text[]      not null,
    cause       text        not null,
    occurrence  integer     not null,
    cites       text        not null,
    list_key    text        not null,
    send_at     timestamptz,
    changed_at  timestamptz not null,
    number      text        not null default '',
    content     text        not null default '',
    digest      text        not null default '',
    signed_at   timestamptz,
    reply_by    timestamptz,
    pdf         text        not null default ''
);
create index notice_list on notice (list_key) where list_key <> '';
create index notice_waiting on notice (send_at) where state = 'draft' and send_at is not null;
create unique index notice_number on notice (issuer, number) where number <> '';

create table rung (
    assignment_id uuid        not null,
    kind          text        not null,
    cause         text        not null,
    occurrence    integer     not null,
    notice_id     uuid        not null,
    unit          text        not null,
    raised_at     timestamptz not null,
    ended         text,
    primary key (assignment_id, kind, cause, occurrence)
);
create index rung_notice on rung (notice_id);

create table series (
    issuer text    not null,
    series text    not null,
    year   integer not null,
    last   integer not null,
    primary key (issuer, series, year)
);

create table delivery (
    delivery_id uuid primary key,
    notice_id   uuid        not null,
    version     integer     not null,
    number      text        not null,
    issuer      text        not null,
    owner       text        not null,
    unit        text        not null,
    unit_name   text        not null,
    received_at timestamptz,
    received_by text        not null default '',
    withdrawn   boolean     not null default false
);
create index delivery_notice on delivery (notice_id);

-- When to look at a part again. Rows are only ever added and taken, never changed, so that nobody waits for anybody.
create table look (
    seq           bigint generated always as identity primary key,
    assignment_id uuid        not null,
    at            timestamptz not null default '-infinity'
);
create index look_at on look (at);
create index look_assignment on look (assignment_id);

-- Signed documents that wait for their PDF, and documents that cannot go out by themselves for now.
create table rendering (
    notice_id uuid primary key,
    tries     integer     not null default 0,
    at        timestamptz not null default '-infinity',
    error     text        not null default ''
);
create index rendering_at on rendering (at);
create table held (notice_id uuid primary key, until timestamptz not null, reason text not null);
