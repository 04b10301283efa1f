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

create table post (
    post_id     uuid primary key,
    version     integer not null,
    unit        text    not null collate "C",
    title       text    not null,
    person      text    not null,
    name        text    not null,
    deputy      text    not null,
    deputy_name text    not null,
    valid_from  date    not null,
    valid_to    date
);
create unique index post_of_unit on post (unit, title);

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
    percent  numeric,
    paused   boolean not null
);
create unique index task_number on task (issuer, ledger, number);

create table assignment (
    document      jsonb not null, -- contracts.assignment.Assignment, as last published
    assignment_id uuid primary key generated always as ((document ->> 'assignment_id')::uuid) stored,
    task_id       uuid not null generated always as ((document ->> 'task_id')::uuid) stored,
    unit          text not null generated always as (document ->> 'unit') stored,
    role          text not null generated always as (document ->> 'role') stored
);
create unique index assignment_part on assignment (task_id, unit, role);
create unique index assignment_lead on assignment (task_id) where role = 'lead';

-- The tasks of some parts, held until the transaction ends, locked in one order so that two never wait for each other. A
-- statement of its own takes the locks: the second sees what the first has waited for. Of the other parts only where they
-- stand is read, and the leads' whole.
create function held(wanted uuid[]) returns jsonb language plpgsql as $$
declare
    found uuid[];
begin
    found := array(
        select task_id from task
        where task_id = any(array(select task_id from assignment where assignment_id = any(wanted)))
        order by task_id for update
    );
    return (
        select coalesce(jsonb_agg(to_jsonb(t) || jsonb_build_object('parts', (
            select jsonb_agg(a.document order by role, unit)
            from assignment a where a.task_id = t.task_id
        ))), '[]')
        from task t where task_id = any(found)
    );
end $$;
