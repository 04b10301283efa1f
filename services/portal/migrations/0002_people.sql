-- Who may come in, and what they uploaded: never an event, never emptied at a rebuild. person_id: of the register.
create table account (
    account_id   uuid primary key default gen_random_uuid(),
    login        text not null unique,
    person_id    text not null,
    unit         text not null,
    roles        text[] not null,
    password     text not null,
    failures     integer not null default 0,
    locked_until timestamptz,
    disabled     boolean not null default false,
    created_at   timestamptz not null default now()
);

create table session (
    session_id bytea primary key,
    account_id uuid not null references account on delete cascade,
    created_at timestamptz not null default now(),
    seen_at    timestamptz not null default now()
);

create table token (
    token_id   uuid primary key default gen_random_uuid(),
    secret     bytea not null unique,
    name       text not null,
    person_id  text not null,
    unit       text not null,
    role       text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

-- Several may upload one file; each gives it a name of its own.
create table upload (
    digest     text not null,
    unit       text not null,
    person_id  text not null,
    name       text not null,
    media_type text not null,
    size       integer not null,
    at         timestamptz not null default now(),
    primary key (digest, unit, person_id)
);
