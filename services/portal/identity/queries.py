"""All SQL about accounts, sessions and tokens."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from asyncpg import Connection, Record

from services.portal.identity.attempts import Attempts

ACCOUNT = "select *, now() as now from account where login = $1"
ATTEMPTED = "update account set failures = $2, locked_until = $3 where account_id = $1"
ADD_ACCOUNT = """
insert into account (login, person_id, unit, roles, password) values ($1, $2, $3, $4, $5)
on conflict (login) do nothing
"""
ADD_SESSION = "insert into session (session_id, account_id) values ($1, $2)"
NAMED = "coalesce(person.name, person_id) as person_name"
VALID = "(person.valid_to is null or person.valid_to >= current_date)"
SESSION = f"""
select login, person_id, {NAMED}, account.unit, roles, seen_at < now() - interval '1 minute' as stale,
    (select count(*) from delivery where delivery.unit = account.unit and state = 'sent')
    + (select count(*) from assignment where assignment.unit = account.unit and state = 'issued') as waiting
from session join account using (account_id) left join person using (person_id)
where session_id = $1 and not disabled and {VALID}
    and seen_at > now() - $2::interval and session.created_at > now() - $3::interval
"""
TOUCH = "update session set seen_at = now() where session_id = $1"
END_SESSION = "delete from session where session_id = $1"
SWEEP = "delete from session where seen_at < now() - $1::interval or created_at < now() - $2::interval"
TOKEN = f"""
select token_id, person_id, {NAMED}, token.unit, role, node from token left join person using (person_id)
where secret = $1 and revoked_at is null and (expires_at is null or expires_at > now()) and {VALID}
"""
ADD_TOKEN = """
insert into token (secret, name, person_id, unit, role, expires_at, node)
values ($1, $2, $3, $4, $5, now() + $6::interval, $7)
"""
SWEEP_TOKENS = "delete from token where node is not null and expires_at < now()"


async def account(db: Connection, login: str) -> Record | None:
    """An account with its attempts; `now` is the database's clock."""
    return await db.fetchrow(ACCOUNT, login)


async def account_for_update(db: Connection, login: str) -> Record:
    """The same, locked for the transaction."""
    return await db.fetchrow(f"{ACCOUNT} for update", login)


async def has_account(db: Connection, login: str) -> bool:
    return await db.fetchval("select exists (select from account where login = $1)", login)


async def is_demo(db: Connection) -> bool:
    """Whether the demo mark stands in this database."""
    return await db.fetchval("select exists (select from mark where name = 'demo')")


async def mark_demo(db: Connection) -> None:
    await db.execute("insert into mark (name) values ('demo') on conflict do nothing")


async def save_attempts(db: Connection, account_id: UUID, attempts: Attempts) -> None:
    await db.execute(ATTEMPTED, account_id, attempts.failures, attempts.locked_until)


async def add_account(
    db: Connection, login: str, person_id: str, unit: str, roles: Sequence[str], password: str
) -> None:
    """A new account, unless its login is taken; `password` is a hash."""
    await db.execute(ADD_ACCOUNT, login, person_id, unit, list(roles), password)


async def add_session(db: Connection, session_id: bytes, account_id: UUID) -> None:
    await db.execute(ADD_SESSION, session_id, account_id)


async def session(db: Connection, session_id: bytes, idle: timedelta, absolute: timedelta) -> Record | None:
    """Whose session it is, while it, its account and its person's entry last."""
    return await db.fetchrow(SESSION, session_id, idle, absolute)


async def touch_session(db: Connection, session_id: bytes) -> None:
    """The session was used just now."""
    await db.execute(TOUCH, session_id)


async def end_session(db: Connection, session_id: bytes) -> None:
    await db.execute(END_SESSION, session_id)


async def sweep_sessions(db: Connection, idle: timedelta, absolute: timedelta) -> None:
    """Delete those that are over."""
    await db.execute(SWEEP, idle, absolute)


async def token(db: Connection, secret: bytes) -> Record | None:
    """What a token is bound to, while it holds; `secret` is its SHA-256."""
    return await db.fetchrow(TOKEN, secret)


async def add_token(
    db: Connection,
    secret: bytes,
    name: str,
    person_id: str,
    unit: str,
    role: str,
    lasts: timedelta,
    node: str | None = None,
) -> None:
    """A new token, kept as its SHA-256 alone; `node`: which fetched it over the bus."""
    await db.execute(ADD_TOKEN, secret, name, person_id, unit, role, lasts, node)


async def sweep_tokens(db: Connection) -> None:
    """Delete those of nodes that are over; what an operator issued stays on record."""
    await db.execute(SWEEP_TOKENS)


async def revoke_tokens(db: Connection, name: str) -> int:
    """Revoke every token of a name; returns how many."""
    revoked = "update token set revoked_at = now() where name = $1 and revoked_at is null returning token_id"
    return len(await db.fetch(revoked, name))
