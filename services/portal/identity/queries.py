"""Accounts, sessions, tokens and uploads: who may come in, and what they brought."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from services.portal.identity.attempts import Attempts

ACCOUNT = "select *, now() as now from account where login = $1"
ATTEMPTED = "update account set failures = $2, locked_until = $3 where account_id = $1"
ADD = """
insert into account (login, person, unit, unit_name, roles, password) values ($1, $2, $3, $4, $5, $6)
on conflict (login) do nothing
"""
OPEN = "insert into session (session_id, account_id) values ($1, $2)"
SESSION = """
select account_id, login, person, unit, unit_name, roles, seen_at < now() - interval '1 minute' as stale,
    (select count(*) from delivery where delivery.unit = account.unit and received_at is null
        and not withdrawn)
    + (select count(*) from assignment where assignment.unit = account.unit and state = 'issued') as waiting
from session join account using (account_id)
where session_id = $1 and not disabled and seen_at > now() - $2::interval and session.created_at > now() - $3::interval
"""
TOUCH = "update session set seen_at = now() where session_id = $1"
CLOSE = "delete from session where session_id = $1"
SWEEP = "delete from session where seen_at < now() - $1::interval or created_at < now() - $2::interval"
TOKEN = """
select token_id, name, unit, role from token
where secret = $1 and revoked_at is null and (expires_at is null or expires_at > now())
"""
ADD_TOKEN = "insert into token (secret, name, unit, role, expires_at) values ($1, $2, $3, $4, now() + $5::interval)"
KEEP = """
insert into upload (digest, name, media_type, size, person) values ($1, $2, $3, $4, $5) on conflict do nothing
"""
UPLOADS = "select digest, name, media_type, size from upload where digest = any($1)"


async def account(db: Connection, login: str) -> Record | None:
    """An account with its attempts; `now` is the database's clock."""
    return await db.fetchrow(ACCOUNT, login)


async def account_for_update(db: Connection, login: str) -> Record:
    """The same, locked for the transaction."""
    return await db.fetchrow(f"{ACCOUNT} for update", login)


async def known(db: Connection, login: str) -> bool:
    """Whether there is such an account."""
    return await db.fetchval("select exists (select from account where login = $1)", login)


async def is_demo(db: Connection) -> bool:
    """Whether the demo mark stands in this database."""
    return await db.fetchval("select exists (select from mark where name = 'demo')")


async def mark_demo(db: Connection) -> None:
    """Put the demo mark on it."""
    await db.execute("insert into mark (name) values ('demo') on conflict do nothing")


async def attempted(db: Connection, account_id: UUID, attempts: Attempts) -> None:
    """Keep what is known of wrong passwords."""
    await db.execute(ATTEMPTED, account_id, attempts.failures, attempts.locked_until)


async def add(db: Connection, person: Mapping[str, Any], password: str) -> None:
    """A new account, unless its login is taken; `password` is a hash."""
    facts = (person["login"], person["person"], person["unit"], person["unit_name"], list(person["roles"]))
    await db.execute(ADD, *facts, password)


async def open_session(db: Connection, session_id: bytes, account_id: UUID) -> None:
    """A session begins."""
    await db.execute(OPEN, session_id, account_id)


async def session(db: Connection, session_id: bytes, idle: timedelta, absolute: timedelta) -> Record | None:
    """Who a session belongs to, while it and its account live."""
    return await db.fetchrow(SESSION, session_id, idle, absolute)


async def touch(db: Connection, session_id: bytes) -> None:
    """The session was used just now."""
    await db.execute(TOUCH, session_id)


async def close_session(db: Connection, session_id: bytes) -> None:
    """The session is over."""
    await db.execute(CLOSE, session_id)


async def sweep(db: Connection, idle: timedelta, absolute: timedelta) -> None:
    """Forget sessions that are over."""
    await db.execute(SWEEP, idle, absolute)


async def token(db: Connection, secret: bytes) -> Record | None:
    """What a token is bound to, while it holds; `secret` is its SHA-256."""
    return await db.fetchrow(TOKEN, secret)


async def add_token(db: Connection, secret: bytes, name: str, unit: str, role: str, lasts: timedelta) -> None:
    """A new token, kept as its SHA-256 alone."""
    await db.execute(ADD_TOKEN, secret, name, unit, role, lasts)


async def revoke(db: Connection, name: str) -> int:
    """End every token of a name; how many."""
    revoked = "update token set revoked_at = now() where name = $1 and revoked_at is null returning token_id"
    return len(await db.fetch(revoked, name))


async def keep_upload(db: Connection, digest: str, name: str, media_type: str, size: int, person: str) -> None:
    """What a file was called when it came."""
    await db.execute(KEEP, digest, name, media_type, size, person)


async def uploads(db: Connection, digests: Iterable[str]) -> dict[str, Record]:
    """What is known of these files, by digest."""
    return {row["digest"]: row for row in await db.fetch(UPLOADS, list(digests))}
