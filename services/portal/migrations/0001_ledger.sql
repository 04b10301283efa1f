-- The read model. `body` is what its owner published, as it came; beside it stand the columns that lists filter, sort
-- and count by, so that a field no list needs costs no migration.
create table unit (
    address    text collate "C" primary key,
    name       text not null,
    short      text not null,
    level      text not null,
    kind       text not null,
    supervises text not null,
    leadership text not null,
    aliases    text[] not null,
    valid_to   date
);

create table person (person_id text primary key, name text not null, unit text not null, valid_to date);

create table post (post_id uuid primary key, unit text not null, body json not null);
create index post_unit on post (unit);

create table workday (date date primary key, is_workday boolean not null, source text not null, provisional boolean not null);

-- What somebody was told of before this ledger has it.
create table awaited (aggregate text primary key, at timestamptz not null default now());

-- Counts the changes of what every process keeps in memory.
create table reference (name text primary key, revision bigint not null);

create table policy (
    service        text not null,
    name           text not null,
    policy_version integer not null,
    values         jsonb not null,
    primary key (service, name, policy_version)
);

-- The order of lights in lists: the most urgent first.
create function urgency(light text) returns smallint language sql immutable return
    case light when 'overdue' then 0 when 'stalled' then 1 when 'lagging' then 2 when 'normal' then 3 else 4 end;

-- target, verification_form, instruction: from its registration alone. light, reasons, light_since: from alerts.
create table task (
    task_id           uuid primary key,
    number            text not null,
    title             text not null,
    board             text not null,
    issuer            text collate "C" not null,
    lead_name         text not null,
    state             text not null,
    open              boolean not null,
    paused            boolean not null,
    percent           numeric,
    t0                timestamptz not null,
    due               timestamptz,
    assignments       integer not null,
    words             text not null,
    body              json not null,
    target            text not null default '',
    verification_form text not null default '',
    instruction       text not null default '',
    light             text not null default 'none',
    reasons           text[] not null default '{}',
    light_since       timestamptz,
    urgency           smallint generated always as (urgency(light)) stored,
    due_key           timestamptz generated always as (coalesce(due, 'infinity')) stored
);
create index task_urgent on task (urgency, due_key, task_id);
create index task_due on task (due_key, task_id);
create index task_new on task (t0 desc, task_id desc);
create index task_figures on task (issuer, board, state, due);

create table task_audience (
    task_id uuid not null,
    place   text collate "C" not null,
    primary key (place, task_id)
);
create index task_audience_task on task_audience (task_id);

create table assignment (
    assignment_id uuid primary key,
    task_id       uuid not null,
    number        text not null,
    title         text not null,
    board         text not null,
    issuer        text collate "C" not null,
    unit          text collate "C" not null,
    unit_name     text not null,
    role          text not null,
    state         text not null,
    open          boolean not null,
    submitted     boolean not null,
    paused        boolean not null,
    percent       numeric,
    t0            timestamptz not null,
    due           timestamptz,
    audience      text[] not null,
    body          json not null,
    light         text not null default 'none',
    reasons       text[] not null default '{}',
    light_since   timestamptz,
    urgency       smallint generated always as (urgency(light)) stored,
    due_key       timestamptz generated always as (coalesce(due, 'infinity')) stored
);
create index assignment_task on assignment (task_id);
create index assignment_unit on assignment (unit, state, light, role);

-- The clocks of an assignment by position, for the rates; missed: as the contract reads a clock.
create table clock (
    assignment_id uuid not null,
    n             smallint not null,
    kind          text not null,
    due           timestamptz,
    met_at        timestamptz,
    missed        boolean not null,
    primary key (assignment_id, n)
);
create index clock_rates on clock (kind, due);

-- recipients … paragraphs: as they stood when the draft was made or last amended.
create table notice (
    notice_id  uuid primary key,
    kind       text not null,
    state      text not null,
    drafted_at timestamptz not null,
    body       json not null,
    recipients json not null default '[]',
    copies     json not null default '[]',
    items      json not null default '[]',
    paragraphs text[] not null default '{}'
);
create index notice_new on notice (drafted_at desc, notice_id desc);
create table notice_task (notice_id uuid not null, task_id uuid not null, primary key (task_id, notice_id));
create table notice_audience (
    notice_id uuid not null,
    place     text collate "C" not null,
    primary key (place, notice_id)
);
create index notice_audience_notice on notice_audience (notice_id);

create table delivery (
    delivery_id uuid primary key,
    notice_id   uuid not null,
    unit        text collate "C" not null,
    state       text not null,
    audience    text[] not null,
    body        json not null
);
create index delivery_notice on delivery (notice_id);
create index delivery_waiting on delivery (unit) where state = 'sent';

create table ranking (
    period     text not null,
    peer_group text not null,
    published  boolean not null,
    revision   integer not null,
    audience   text[] not null,
    body       json not null,
    primary key (period, peer_group, published, revision)
);

-- Every event as it came, in the order it came. in_timeline: a timeline shows it.
create table feed (
    seq       bigint generated always as identity primary key,
    event_id  uuid not null,
    type      text not null,
    aggregate text not null,
    version   integer not null,
    owner     text not null,
    time      timestamptz not null,
    task_id   uuid,
    notice_id uuid,
    in_timeline     boolean not null,
    evidence  text[] not null,
    body      json not null
);
create index feed_task on feed (task_id, time desc) where task_id is not null and in_timeline;
create index feed_notice on feed (notice_id, time desc) where notice_id is not null;
create index feed_evidence on feed (task_id) where evidence <> '{}';
create table feed_audience (
    place text collate "C" not null,
    seq   bigint not null,
    primary key (place, seq)
);
-- Another epoch: the feed was rebuilt, and an older cursor means nothing any more.
create table feed_epoch (epoch uuid not null);
