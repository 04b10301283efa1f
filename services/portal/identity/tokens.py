"""Tokens of the API: bound to one person, one unit and one role, kept as their SHA-256 alone."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from asyncpg import Connection, Pool

from contracts.envelope import ActorRole
from services.portal.identity import queries
from services.portal.identity.reader import Reader, reader_of
from services.portal.identity.sessions import hashed
from services.portal.register.reference import Units

PREFIX = "duban_"
"""Makes a token found in the wrong place recognisable."""


@dataclass(frozen=True)
class Bearer:
    """A program that came with a token."""

    token_id: UUID
    reader: Reader

    def command_id(self, key: str) -> UUID:
        """The same key of the same token is the same command."""
        return uuid5(self.token_id, key)


async def issue(db: Connection, person_id: str, unit: str, role: ActorRole, name: str, days: int) -> str:
    """A new token; its text is in this answer alone."""
    token = PREFIX + secrets.token_urlsafe(32)
    await queries.add_token(db, hashed(token), name, person_id, unit, role, timedelta(days=days))
    return token


async def bearer(db: Pool, header: str, units: Units) -> Bearer | None:
    """Who an Authorization header speaks for; None where the token is unknown, expired or revoked."""
    scheme, _, token = header.partition(" ")
    row = await queries.token(db, hashed(token.strip())) if scheme.lower() == "bearer" else None
    if row is None:
        return None
    unit, role = row["unit"], ActorRole(row["role"])
    reader = reader_of(row["person_id"], row["person_name"], unit, units.name_of(unit), (role,), units.led_by(unit))
    return Bearer(row["token_id"], reader)
