-- What was said of tasks and their parts (facts), and what alerts itself said (the columns below "own").
create table task (
    task_id           uuid primary key,
    owner             text        not null,
    title             text        not null,
    issuer            text        not null,
    audience          text[]      not null,
    unit              text        not null,
    unit_name         text        not null,
    historical_before timestamptz,
    -- own: the light as last said; locking this row is the right to act on the task and all its parts
    light             text        not null default 'none',
    reasons           text[]      not null default '{}',
    since             timestamptz,
    version           integer     not null default 0,
    said_at           timestamptz
) with (fillfactor = 80);

create table watch (
    assignment_id uuid primary key,
    task_id       uuid        not null,
    role          text        not null,
    closed        boolean     not null,
    facts         json        not null, -- read whole and by alerts alone: json hands out what it was given
    -- own
    light         text        not null default 'none',
    reasons       text[]      not null default '{}',
    since         timestamptz,
    version       integer     not null default 0,
    said_at       timestamptz
) with (fillfactor = 80);
create index watch_task on watch (task_id);

-- When a part must next be looked at; derived, and put right by the next look after a rebuild.
create table due (
    assignment_id uuid primary key,
    task_id       uuid        not null,
    at            timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index due_at on due (at);

-- Own: each word about a due date is said once; days_left is -1 where the clock was missed.
create table told (
    assignment_id uuid,
    clock         text,
    due           timestamptz,
    days_left     smallint,
    primary key (assignment_id, clock, due, days_left)
);

-- Own.
create table policy (
    version integer primary key,
    values  jsonb not null
);

create table calendar (
    year   integer primary key,
    digest text  not null,
    days   jsonb not null
);
