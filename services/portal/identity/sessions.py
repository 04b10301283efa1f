"""Sessions: an opaque id in a cookie, its hash and its times in PostgreSQL, a token against forged forms."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from asyncpg import Connection, Pool, Record
from starlette.requests import Request
from starlette.responses import Response

from contracts.envelope import ActorRole
from services.portal.identity import queries
from services.portal.identity.attempts import Attempts
from services.portal.identity.passwords import Passwords
from services.portal.identity.reader import Reader, reader_of
from services.portal.refusals import Code
from services.portal.register.reference import Units
from services.portal.settings import Settings

LASTING = ("/wall/stream",)
"""Streams that count as use of the session: a war room is watched, an open page may be forgotten."""


@dataclass(frozen=True)
class Session:
    """A visitor's session; `reader` is None before the login. waiting: what the unit has yet to acknowledge."""

    id: str
    reader: Reader | None = None
    waiting: int = 0

    @property
    def csrf(self) -> str:
        """What every form of this session must bring back."""
        return hmac.new(self.id.encode(), b"duban form", hashlib.sha256).hexdigest()

    def matches(self, token: str) -> bool:
        """Whether a form brought this session's token."""
        return hmac.compare_digest(self.csrf.encode(), token.encode(errors="replace"))


def cookie(settings: Settings) -> str:
    """The cookie's name: bound to the host where the transport is safe, plain on 127.0.0.1."""
    return "__Host-duban" if settings.tls else "duban"


def fresh() -> Session:
    """A session nobody has yet."""
    return Session(secrets.token_urlsafe(32))


def hashed(id: str) -> bytes:
    """What the database holds of an id or a token."""
    return hashlib.sha256(id.encode()).digest()


def remember(response: Response, session: Session, settings: Settings) -> None:
    """Set the cookie."""
    response.set_cookie(cookie(settings), session.id, httponly=True, secure=settings.tls, samesite="lax", path="/")


async def find(request: Request, db: Pool, settings: Settings, units: Units) -> Session:
    """The session a request belongs to; without a living one, nobody's."""
    id = request.cookies.get(cookie(settings), "")
    if not id:
        return fresh()
    row = await queries.session(db, hashed(id), settings.idle_after, settings.ends_after)
    if row is None:
        return Session(id)
    if row["stale"] and (not request.url.path.endswith("/stream") or request.url.path in LASTING):
        await queries.touch_session(db, hashed(id))
    return Session(id, _reader(row, units), row["waiting"])


def _reader(row: Record, units: Units) -> Reader:
    unit, roles = row["unit"], [ActorRole(role) for role in row["roles"]]
    return reader_of(row["person_id"], row["person_name"], unit, units.name_of(unit), roles, units.led_by(unit))


async def sign_in(db: Pool, passwords: Passwords, login: str, password: str, old: Session) -> Session | Code:
    """A new session, never the old id; five wrong passwords lock the account for fifteen minutes."""
    async with passwords.gate:
        account = await queries.account(db, login)
        if account and _attempts(account).locked(account["now"]):
            return Code.LOCKED
        fits = await passwords.fits(account["password"] if account else None, password)
    if account is None:
        return Code.WRONG_LOGIN
    async with db.acquire() as connection, connection.transaction():
        return await _decide(connection, login, fits, old)


async def _decide(db: Connection, login: str, fits: bool, old: Session) -> Session | Code:
    account = await queries.account_for_update(db, login)
    if account["disabled"]:
        return Code.DISABLED
    if not fits:
        attempts = _attempts(account).failed(account["now"])
        await queries.save_attempts(db, account["account_id"], attempts)
        return Code.LOCKED if attempts.locked(account["now"]) else Code.WRONG_LOGIN
    session = fresh()
    await queries.save_attempts(db, account["account_id"], Attempts())
    await queries.end_session(db, hashed(old.id))
    await queries.add_session(db, hashed(session.id), account["account_id"])
    return session


def _attempts(account: Record) -> Attempts:
    return Attempts(account["failures"], account["locked_until"])


async def sign_out(db: Pool, session: Session) -> None:
    """End the session, wherever its id was copied to."""
    await queries.end_session(db, hashed(session.id))
