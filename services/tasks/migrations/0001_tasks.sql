-- The register: every unit, as last said. Editions tell a process when what it keeps in memory is out of date.
create table unit (
    address    text primary key,
    version    integer not null,
    name       text    not null,
    short      text    not null,
    level      text    not null,
    kind       text    not null,
    parent     text,
    aliases    text[]  not null,
    valid_from date,
    valid_to   date,
    successor  text
);

-- The legal clock (R1): the days of each year as last revised, and every version of the policy.
create table calendar_day (
    date        date primary key,
    is_workday  boolean not null,
    source      text    not null,
    provisional boolean not null,
    version     integer not null
);

create table policy (
    name      text    not null,
    version   integer not null,
    effective date    not null,
    author    text    not null,
    values    jsonb   not null,
    primary key (name, version)
);

create table edition (
    name  text primary key,
    stamp uuid not null
);

-- A task and its parts; every row is what its events add up to.
create table task (
    task_id  uuid primary key,
    version  integer not null,
    owner    text    not null,
    audience text[]  not null,
    issuer   text    not null,
    ledger   text    not null,
    number   text    not null collate "C",
    title    text    not null,
    state    text    not null,
    percent  numeric
);
create unique index task_number on task (issuer, ledger, number);

create table assignment (
    assignment_id      uuid primary key,
    task_id            uuid        not null,
    version            integer     not null,
    owner              text        not null,
    audience           text[]      not null,
    title              text        not null,
    unit               text        not null,
    unit_name          text        not null,
    role               text        not null,
    lead               text        not null,
    issuer             text        not null,
    state              text        not null,
    t0                 timestamptz not null,
    deadline_text      text        not null,
    clocks             jsonb       not null,
    original_due       timestamptz,
    extensions         integer     not null,
    percent            numeric,
    percent_before     numeric,
    responsible_person text        not null,
    submitter          text        not null,
    evidence           text[]      not null,
    submitted_at       timestamptz,
    on_time            boolean,
    on_time_original   boolean,
    verifier           text        not null
);
create unique index assignment_part on assignment (task_id, unit, role);
create unique index assignment_lead on assignment (task_id) where role = 'lead';
