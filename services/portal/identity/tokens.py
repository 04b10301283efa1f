"""Tokens of the API: bound to one unit and one role, kept as their SHA-256 alone."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from asyncpg import Connection, Pool

from contracts.envelope import ActorRole
from services.portal.identity.reader import Reader
from services.portal.identity.sessions import hashed
from services.portal.store import people, units

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


async def issue(db: Connection, unit: str, role: ActorRole, name: str, days: int) -> str:
    """A new token, shown once."""
    token = PREFIX + secrets.token_urlsafe(32)
    await people.add_token(db, hashed(token), name, unit, role, timedelta(days=days))
    return token


async def bearer(db: Pool, header: str, node: str) -> Bearer | None:
    """Who an Authorization header speaks for; None where the token is unknown, expired or revoked."""
    scheme, _, token = header.partition(" ")
    row = await people.token(db, hashed(token.strip())) if scheme.lower() == "bearer" else None
    if row is None:
        return None
    unit_name = await units.name_of(db, row["unit"])
    return Bearer(row["token_id"], Reader(row["name"], row["unit"], unit_name, (ActorRole(row["role"]),), node))
