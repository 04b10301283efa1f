"""What all pages and all resources take: the portal at run time, and who asks."""

from dataclasses import dataclass, field
from typing import Annotated

from asyncpg import Pool
from fastapi import Depends, Form, Request

from contracts.envelope import ActorRole, Command, Done
from contracts.refusals import Refused
from services.chassis.service import Service
from services.portal.identity import sessions
from services.portal.identity.passwords import Passwords
from services.portal.identity.reader import Reader
from services.portal.identity.sessions import Session
from services.portal.register.reference import Reference
from services.portal.settings import Settings
from services.portal.web import command_client
from services.portal.web.live import Hub
from services.portal.web.quotas import Quotas


@dataclass(frozen=True)
class Portal:
    """One portal at run time."""

    service: Service[Settings]
    settings: Settings
    hub: Hub
    passwords: Passwords = field(default_factory=Passwords)
    cached: Reference = field(default_factory=Reference)
    quotas: Quotas = field(default_factory=Quotas)

    @property
    def db(self) -> Pool:
        """The pool; it is opened at start."""
        return self.service.pool

    async def reference(self) -> Reference:
        """The register and the calendar as they stand now."""
        return await self.cached.refresh(self.db)

    async def send(self, command: Command) -> Done | Refused:
        """Ask for something to be done, and wait until the ledger shows it."""
        return await command_client.send(self.service, command, self.settings.catch_up)


class NotSignedIn(Exception):
    """Nobody is signed in; `back` is where they wanted to go."""

    def __init__(self, back: str) -> None:
        self.back = back


class NotAllowed(Exception):
    """The page needs one of these roles."""

    def __init__(self, *roles: ActorRole) -> None:
        self.roles = roles


class Forged(Exception):
    """A form that does not come from this session's own page."""


def portal(request: Request) -> Portal:
    """The portal that serves this request."""
    return request.app.state.portal


async def visitor(request: Request, portal: Annotated[Portal, Depends(portal)]) -> Session:
    """Whoever asks, signed in or not."""
    units = (await portal.reference()).units
    session = await sessions.find(request, portal.db, portal.settings, units)
    request.state.session = session
    return session


async def signed_in(request: Request, session: Annotated[Session, Depends(visitor)]) -> Session:
    """Who asks, signed in. Raises NotSignedIn."""
    if session.reader is None:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise NotSignedIn(target if request.method == "GET" else "/")
    return session


def anybody(session: Annotated[Session, Depends(signed_in)]) -> Reader:
    """The reader of a page without business data."""
    assert session.reader is not None
    return session.reader


def reads(reader: Annotated[Reader, Depends(anybody)]) -> Reader:
    """The reader of a page with business data, which no operator reads (§1b). Raises NotAllowed."""
    if reader.operates:
        raise NotAllowed(*(role for role in ActorRole if role not in (ActorRole.OPERATOR, ActorRole.SYSTEM)))
    return reader


def own_form(session: Annotated[Session, Depends(signed_in)], csrf_token: Annotated[str, Form()] = "") -> Session:
    """Who sent a form, if it is a form of this very session. Raises Forged."""
    if not session.matches(csrf_token):
        raise Forged
    return session


def writes(session: Annotated[Session, Depends(own_form)]) -> Reader:
    """The reader who sent a form."""
    assert session.reader is not None
    return reads(session.reader)


def needs(reader: Reader, *roles: ActorRole) -> None:
    """Raises NotAllowed, which names the roles, unless the reader holds one."""
    if not reader.may(*roles):
        raise NotAllowed(*roles)


Here = Annotated[Portal, Depends(portal)]
Visitor = Annotated[Session, Depends(visitor)]
Anybody = Annotated[Reader, Depends(anybody)]
Reads = Annotated[Reader, Depends(reads)]
Writes = Annotated[Reader, Depends(writes)]
