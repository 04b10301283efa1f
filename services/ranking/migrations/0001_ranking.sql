-- Facts: one row an assignment that counts, from its published states and the differences between them.
create table evidence (
    assignment_id   uuid primary key,
    peers           text          not null,
    ranked_unit     text          not null,
    issued_at       timestamptz   not null,
    receipt_due     timestamptz,
    acknowledged_at timestamptz,
    feedback_due    timestamptz,
    fed_back_at     timestamptz,
    rated_due       timestamptz,
    on_time         boolean,
    closed_at       timestamptz,
    left_at         timestamptz,
    lost_at         timestamptz,
    turns           timestamptz[] not null,
    months          text[]        not null,
    pauses          timestamptz[] not null
);
create index evidence_issued on evidence (issued_at);

-- When the light of an assignment became OVERDUE, ceased to be, and so on.
create table overdue (assignment_id uuid primary key, overdue_turns timestamptz[] not null);

-- Urgings and orders that reached a unit.
create table urging (
    delivery_id  uuid primary key,
    peers        text        not null,
    ranked_unit  text        not null,
    sent_at      timestamptz not null,
    withdrawn_at timestamptz
);

create table unit (
    address    text primary key,
    name       text not null,
    kind       text not null,
    leadership text not null,
    valid_from date,
    valid_to   date
);
create table calendar_day (date date primary key, is_workday boolean not null);

-- How often the facts changed, and the edition last computed from: after a rebuild the next tick computes again.
create table edition (one boolean primary key default true check (one), n bigint not null);
create table computation (
    one     boolean primary key default true check (one),
    edition bigint      not null,
    at      timestamptz not null
);

-- Own state, from own events alone.
create table scheme (version integer primary key, effective date not null, values jsonb not null);
create table draft (
    period  text    not null,
    peers   text    not null,
    version integer not null,
    digest  text    not null,
    primary key (period, peers)
);
create table ranking (
    period   text    not null,
    peers    text    not null,
    revision integer not null,
    digest   text    not null,
    ranking  json    not null,
    primary key (period, peers, revision)
);
