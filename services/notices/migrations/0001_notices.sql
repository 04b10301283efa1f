-- What others published: the register, the calendar, and each assignment with its light and its alarms.
create table unit (address text primary key, supervises text not null, unit json not null);
create index unit_offices on unit (address) where supervises = 'region';

create table calendar (year integer primary key, event_id uuid not null, days jsonb not null);

create table assignment (assignment_id uuid primary key, assignment json not null);

create table light (
    assignment_id uuid primary key,
    light         text        not null,
    since         timestamptz not null,
    historical    boolean     not null
);

create table alarm (
    assignment_id      uuid primary key,
    feedback_missed_at timestamptz,
    due_soon_at        timestamptz,
    due_soon_for       timestamptz
);

-- Reports and their rejections, suspensions and their ends: what stops and restarts reply clocks (R3).
create table activity (
    assignment_id uuid        not null,
    at            timestamptz not null,
    kind          text        not null,
    primary key (assignment_id, at, kind)
);

-- What this service emitted: policies, documents with what they say, their rungs, their deliveries, number series.
create table policy (name text primary key, version integer not null, rules jsonb not null);

create table notice (
    notice_id  uuid primary key,
    state      text        not null,
    issuer     text        not null,
    number     text        not null,
    list_key   text        not null,
    send_at    timestamptz,
    signed_at  timestamptz,
    changed_at timestamptz not null,
    notice     json        not null,
    items      json        not null default '[]',
    recipients json        not null default '[]',
    copies     json        not null default '[]',
    paragraphs json        not null default '[]',
    content    text        not null default ''
);
create index notice_list on notice (list_key) where list_key <> '';
create index notice_automatic on notice (send_at) where state = 'draft' and send_at is not null;
create index notice_unrendered on notice (signed_at) where state = 'signed';
create unique index notice_number on notice (issuer, number) where number <> '';

create table rung (
    assignment_id uuid        not null,
    kind          text        not null,
    cause         text        not null,
    occurrence    integer     not null,
    notice_id     uuid        not null,
    unit          text        not null,
    raised_at     timestamptz not null,
    number        text        not null default '',
    signed_at     timestamptz,
    reply_by      timestamptz,
    received_at   timestamptz,
    ended         text,
    primary key (assignment_id, kind, cause, occurrence)
);
create index rung_notice on rung (notice_id);

create table delivery (delivery_id uuid primary key, notice_id uuid not null, delivery json not null);
create index delivery_notice on delivery (notice_id);

create table series (
    issuer text    not null,
    series text    not null,
    year   integer not null,
    last   integer not null,
    primary key (issuer, series, year)
);

-- When to evaluate an assignment. Rows are only ever added and taken, never changed, so that nobody waits for anybody.
create table evaluation (
    seq           bigint generated always as identity primary key,
    assignment_id uuid        not null,
    at            timestamptz not null default '-infinity'
);
create index evaluation_at on evaluation (at);
create index evaluation_assignment on evaluation (assignment_id);

-- Documents whose rendering failed, and documents that cannot go out by themselves for now.
create table render_failure (
    notice_id uuid primary key,
    tries     integer     not null default 1,
    again_at  timestamptz not null default now() + interval '1 second',
    error     text        not null
);
create table held (notice_id uuid primary key, until timestamptz not null, reason text not null);
