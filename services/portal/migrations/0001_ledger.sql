-- The ledger (台账): what every service said, as a page needs it; and the feed, as it was said.
create table unit (
    unit       text collate "C" primary key,
    name       text not null,
    short      text not null,
    level      text not null,
    kind       text not null,
    parent     text,
    aliases    text[] not null default '{}',
    valid_from date,
    valid_to   date,
    successor  text
);

create table workday (date date primary key, is_workday boolean not null, source text not null, provisional boolean not null);

create table policy (
    service        text not null,
    name           text not null,
    policy_version integer not null,
    effective      date not null,
    author         text not null,
    values         jsonb not null,
    primary key (service, name, policy_version)
);

create table task (
    task_id           uuid primary key,
    number            text not null,
    ledger            text not null,
    title             text not null,
    board             text not null,
    weight            text not null,
    source            text not null,
    lead_official     text not null,
    target            text not null,
    verification_form text not null,
    instruction       text not null,
    deadline_text     text not null,
    clock             text not null,
    t0                timestamptz not null,
    due               timestamptz,
    issuer            text not null,
    issuer_name       text not null,
    lead              text collate "C" not null,
    lead_name         text not null,
    parts             integer not null,
    state             text not null default 'assigned',
    percent           numeric,
    light             text not null default 'none',
    reasons           text[] not null default '{}',
    light_since       timestamptz,
    closed_at         timestamptz,
    paused            boolean not null default false,
    words             text not null,
    urgency           smallint generated always as (
        case light when 'overdue' then 0 when 'stalled' then 1 when 'lagging' then 2 when 'normal' then 3 else 4 end
    ) stored,
    due_key           timestamptz generated always as (coalesce(due, 'infinity')) stored
);
create index task_urgent on task (urgency, due_key, task_id);
create index task_due on task (due_key, task_id);
create index task_new on task (t0 desc, task_id desc);
create index task_cube on task (board, light, state, due);

-- An address in C order is its own pre-order of the tree of units: everything below `14.10` is one range.
create table task_audience (
    task_id uuid not null,
    place   text collate "C" not null,
    primary key (place, task_id)
);
create index task_audience_task on task_audience (task_id);

-- contracts.assignment.Assignment, a column a field; the last four are alerts' own.
create table assignment (
    assignment_id uuid primary key, task_id uuid not null, unit text collate "C" not null, unit_name text not null,
    role text not null, state text not null, percent numeric, due timestamptz, original_due timestamptz,
    paused_at timestamptz, version integer not null, owner text not null, title text not null, number text not null,
    board text not null, weight text not null, lead text not null, issuer text not null, issuer_name text not null,
    t0 timestamptz not null, deadline_text text not null, report_every text not null, historical_before timestamptz,
    in_hand_since timestamptz, acknowledged_at timestamptz, reported_at timestamptz, moved_at timestamptz,
    percent_before numeric, stated boolean not null, rated_due timestamptz, extensions integer not null,
    due_changes integer not null, submitted_at timestamptz, on_time boolean, on_time_original boolean,
    closed_at timestamptz, grade text, responsible_person text not null, submitted_by text not null,
    verified_by text not null,
    light text not null default 'none', reasons text[] not null default '{}', light_since timestamptz, planned numeric
);
create index assignment_stopped on assignment (assignment_id) where paused_at is not null;
create index assignment_task on assignment (task_id);
create index assignment_cube on assignment (unit, state, light, role);

create table clock (
    assignment_id uuid not null,
    task_id       uuid not null,
    n             smallint not null,
    kind          text not null,
    due           timestamptz,
    provisional   boolean not null,
    review        date,
    met_at        timestamptz,
    missed        boolean not null default false,
    primary key (assignment_id, n)
);
create index clock_rates on clock (kind, due, met_at);

create table milestone (
    assignment_id uuid not null,
    name          text not null,
    due           timestamptz not null,
    weight        smallint not null,
    reached_at    timestamptz,
    primary key (assignment_id, name)
);

create table notice (
    notice_id   uuid primary key,
    kind        text not null,
    state       text not null,
    issuer      text not null,
    issuer_name text not null,
    recipients  jsonb not null,
    copies      jsonb not null,
    title       text not null,
    items       jsonb not null,
    paragraphs  text[] not null,
    cause       text not null,
    cites       text not null,
    reply_by    timestamptz,
    drafted_at  timestamptz not null,
    drafted_by  text not null,
    number      text not null default '',
    digest      text not null default '',
    signed_at   timestamptz,
    signed_by   text not null default '',
    pdf         text,
    pages       integer,
    notes       text[] not null default '{}',
    sent_at     timestamptz,
    send_at     timestamptz,
    void_reason text not null default ''
);
create index notice_new on notice (drafted_at desc, notice_id desc);
create table notice_task (notice_id uuid not null, task_id uuid not null, primary key (task_id, notice_id));
create table notice_audience (
    notice_id uuid not null,
    place     text collate "C" not null,
    primary key (place, notice_id)
);

create table delivery (
    delivery_id uuid primary key,
    notice_id   uuid not null,
    unit        text collate "C" not null,
    unit_name   text not null,
    copy_only   boolean not null,
    reply_by    timestamptz,
    sent_at     timestamptz not null,
    received_at timestamptz,
    received_by text not null default '',
    withdrawn   boolean not null default false
);
create index delivery_notice on delivery (notice_id);
create index delivery_unit on delivery (unit) where received_at is null and not withdrawn;

create table ranking (
    period         text not null,
    peers          text not null,
    published      boolean not null,
    revision       integer not null,
    scheme_version integer not null,
    as_of          timestamptz not null,
    standings      jsonb not null,
    digest         text not null,
    audience       text[] not null,
    primary key (period, peers, published, revision)
);

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
    body      jsonb not null
);
create index feed_task on feed (task_id) where task_id is not null;
create index feed_notice on feed (notice_id) where notice_id is not null;
create table feed_audience (
    place text collate "C" not null,
    seq   bigint not null,
    primary key (place, seq)
);
-- Another epoch: the feed was rebuilt, and an older cursor means nothing any more.
create table feed_epoch (epoch uuid not null);
