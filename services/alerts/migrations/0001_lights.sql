-- What tasks published: each task and assignment as it stands, and who may see it. `published` is read whole and by
-- alerts alone: json hands out what it was given.
create table task (
    task_id   uuid primary key, -- locking this row is the right to decide on the task and on all its assignments
    audience  text[] not null,
    published json   not null   -- contracts.task.Task
) with (fillfactor = 80);

create table assignment (
    assignment_id uuid primary key,
    task_id       uuid        not null,
    open          boolean     not null,
    audience      text[]      not null,
    handled_at    timestamptz not null, -- the time of its latest event
    published     json        not null  -- contracts.assignment.Assignment
) with (fillfactor = 80);
create index assignment_task on assignment (task_id);

-- When an assignment must next be judged; derived, and put right by the next tick after a rebuild.
create table schedule (
    assignment_id uuid primary key,
    task_id       uuid        not null,
    next_at       timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
create index schedule_next on schedule (next_at);

-- Own: the light of each assignment and of each task, as last emitted.
create table light (
    light_id   uuid primary key,   -- the assignment's id, or the task's
    task_id    uuid        not null,
    role       text,               -- null: the task's own light
    light      text        not null,
    emitted_at timestamptz not null,
    published  json        not null -- contracts.light.PublishedLight
) with (fillfactor = 80);
create index light_task on light (task_id);

-- Own: each alarm about a due date is emitted once; days_left is -1 where the clock was missed.
create table alarm (
    assignment_id uuid,
    clock         text,
    due           timestamptz,
    days_left     smallint,
    version       integer not null, -- of the event
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
