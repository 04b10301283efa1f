"""Sessions: an opaque id in a cookie, its hash and its times in PostgreSQL, a token against forged forms."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from asyncpg import Connection, Pool, Record
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import ActorRole
from services.portal.identity.attempts import Attempts
from services.portal.identity.reader import Reader
from services.portal.identity.passwords import Passwords
from services.portal.settings import Settings
from services.portal.store import people

LASTING = ("/wall/stream",)
"""Streams that count as somebody being there: a war room is watched, an open page may be forgotten."""


class Refusal(StrEnum):
    """Why somebody may not come in."""

    WRONG = "wrong"
    SHUT = "shut"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Session:
    """Somebody at the door, or past it: `reader` is None before the login."""

    id: str
    reader: Reader | None = None
    login: str = ""
    waiting: int = 0

    @property
    def csrf(self) -> str:
        """What every form of this session must bring back."""
        return hmac.new(self.id.encode(), b"duban form", hashlib.sha256).hexdigest()

    def brought(self, token: str) -> bool:
        """Whether a form brought this session's token."""
        return hmac.compare_digest(self.csrf.encode(), token.encode(errors="replace"))


def cookie(settings: Settings) -> str:
    """The cookie's name: bound to the host where the transport is safe, plain on 127.0.0.1."""
    return "__Host-duban" if settings.tls else "duban"


def fresh() -> Session:
    """A session nobody has yet."""
    return Session(secrets.token_urlsafe(32))


def hashed(id: str) -> bytes:
    """What the database knows of an id or a token."""
    return hashlib.sha256(id.encode()).digest()


def remember(response: Response, session: Session, settings: Settings) -> None:
    """Give the browser the session's id."""
    response.set_cookie(cookie(settings), session.id, httponly=True, secure=settings.tls, samesite="lax", path="/")


async def find(request: Request, db: Pool, settings: Settings) -> Session:
    """The session a request belongs to; without a living one, somebody at the door."""
    id = request.cookies.get(cookie(settings), "")
    if not id:
        return fresh()
    row = await people.session(db, hashed(id), settings.idle_after, settings.ends_after)
    if row is None:
        return Session(id)
    if row["stale"] and (not request.url.path.endswith("/stream") or request.url.path in LASTING):
        await people.touch(db, hashed(id))
    return Session(id, reader_of(row, settings.node), row["login"], row["waiting"])


def reader_of(row: Record, node: str) -> Reader:
    """An account as a reader."""
    roles = tuple(ActorRole(role) for role in row["roles"])
    return Reader(row["person"], row["unit"], row["unit_name"], roles, node)


async def sign_in(db: Pool, passwords: Passwords, login: str, given: str, old: Session) -> Session | Refusal:
    """A new session, never the old id; five wrong passwords shut the door for fifteen minutes."""
    async with passwords.gate:
        account = await people.account(db, login)
        if account and _attempts(account).shut(account["now"]):
            return Refusal.SHUT
        right = await passwords.right(account["password"] if account else None, given)
    if account is None:
        return Refusal.WRONG
    async with db.acquire() as connection, connection.transaction():
        return await _judged(connection, login, right, old)


async def _judged(db: Connection, login: str, right: bool, old: Session) -> Session | Refusal:
    account = await people.account_for_update(db, login)
    if account["disabled"]:
        return Refusal.DISABLED
    if not right:
        attempts = _attempts(account).failed(account["now"])
        await people.attempted(db, account["account_id"], attempts)
        return Refusal.SHUT if attempts.shut(account["now"]) else Refusal.WRONG
    session = fresh()
    await people.attempted(db, account["account_id"], Attempts())
    await people.close_session(db, hashed(old.id))
    await people.open_session(db, hashed(session.id), account["account_id"])
    return session


def _attempts(account: Record) -> Attempts:
    return Attempts(account["failures"], account["locked_until"])


async def sign_out(db: Pool, session: Session) -> None:
    """The session is over, wherever its id was copied to."""
    await people.close_session(db, hashed(session.id))


async def sweep(db: Pool, idle: timedelta, absolute: timedelta) -> None:
    """Forget sessions that are over."""
    await people.sweep(db, idle, absolute)
