-- The register: the state that the last event of each unit, person and post carries. Editions tell a process when what
-- it keeps in memory is out of date.
create table unit (
    address  text primary key,
    version  integer not null,
    document json    not null
);

create table person (
    person_id text primary key,
    version   integer not null,
    unit      text    not null collate "C",
    document  json    not null
);

create table post (
    post_id  uuid primary key,
    version  integer not null,
    unit     text    not null collate "C",
    title    text    not null,
    document json    not null
);
create unique index post_of_unit on post (unit, title);

-- The legal clock (R1): the days of each year as last revised, and every version of the policy.
create table calendar (
    year    integer primary key,
    version integer not null,
    days    json    not null
);

create table policy (
    name      text    not null,
    version   integer not null,
    effective date    not null,
    author    text    not null,
    values    json    not null,
    primary key (name, version)
);

create table edition (
    name  text primary key,
    stamp uuid not null
);

-- Tasks and assignments: the published state as a document, with the columns that hold the constraints, and the audience
-- decided at registration. `evidence`: the digests of the last submission, which are no part of the state.
create table task (
    task_id  uuid primary key,
    issuer   text not null,
    ledger   text not null,
    number   text not null collate "C",
    audience json not null,
    document json not null
);
create unique index task_number on task (issuer, ledger, number);

create table assignment (
    assignment_id uuid primary key,
    task_id       uuid    not null,
    unit          text    not null,
    role          text    not null,
    provisional   boolean not null, -- a clock that still runs may yet change with the calendar
    evidence      json    not null default '[]',
    audience      json    not null,
    document      json    not null
);
create unique index assignment_of_unit on assignment (task_id, unit, role);
create unique index assignment_lead on assignment (task_id) where role = 'lead';
create index assignment_provisional on assignment (task_id) where provisional;
