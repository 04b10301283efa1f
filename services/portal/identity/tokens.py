"""Tokens of the API: bound to one person, one unit and one role, kept as their SHA-256 alone.

An operator issues them for long; a node fetches its own over the bus, for an hour.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from asyncpg import Connection, Pool

from contracts.envelope import ActorRole
from contracts.node import Token
from services.portal.identity import queries
from services.portal.identity.reader import Reader, reader_of
from services.portal.identity.sessions import hashed
from services.portal.register.reference import Units

PREFIX = "duban_"
"""Makes a token found in the wrong place recognisable."""
LENT = timedelta(hours=1)


@dataclass(frozen=True)
class Bearer:
    """A program that came with a token; `source`: whose keys are one's own."""

    source: UUID
    reader: Reader

    def command_id(self, key: str) -> UUID:
        """The same key of the same token is the same command; a node's next token goes on with its keys."""
        return uuid5(self.source, key)


async def issue(db: Connection, person_id: str, unit: str, role: ActorRole, name: str, days: int) -> str:
    """A new token; its text is in this answer alone."""
    token = PREFIX + secrets.token_urlsafe(32)
    await queries.add_token(db, hashed(token), name, person_id, unit, role, timedelta(days=days))
    return token


async def lend(db: Connection, node: str, name: str, person_id: str, unit: str, role: ActorRole) -> Token:
    """A node's token for one of its people; `name`: by which an operator revokes all of a node's."""
    token = PREFIX + secrets.token_urlsafe(32)
    await queries.add_token(db, hashed(token), name, person_id, unit, role, LENT, node)
    return Token(token=token, expires_in=int(LENT.total_seconds()), unit=unit, role=role)


async def bearer(db: Pool, header: str, units: Units) -> Bearer | None:
    """Who an Authorization header speaks for; None where the token is unknown, expired or revoked."""
    scheme, _, token = header.partition(" ")
    row = await queries.token(db, hashed(token.strip())) if scheme.lower() == "bearer" else None
    if row is None:
        return None
    unit, role = row["unit"], ActorRole(row["role"])
    person, source = row["person_id"], row["token_id"]
    if node := row["node"]:
        person = f"{node}/{person}"  # as on the bus: the node vouches for it, nobody signed in
        source = uuid5(NAMESPACE_URL, f"urn:duban:token:{person}:{unit}:{role}")
    reader = reader_of(person, row["person_name"], unit, units.name_of(unit), (role,), units.led_by(unit))
    return Bearer(source, reader)
