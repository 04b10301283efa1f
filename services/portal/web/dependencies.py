"""What all pages and all resources share: the service, the settings, the hub, and who asks."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form, Request

from contracts.envelope import ActorRole, Command, Done
from contracts.refusals import Refused
from services.chassis.service import Service
from services.portal import desk
from services.portal.identity.reader import Reader
from services.portal.web.live import Hub
from services.portal.identity import sessions
from services.portal.identity.passwords import Passwords
from services.portal.identity.sessions import Session
from services.portal.settings import Settings


@dataclass(frozen=True)
class Front:
    """One portal at run time."""

    service: Service
    settings: Settings
    hub: Hub
    passwords: Passwords

    @property
    def db(self) -> Any:
        """The pool; it is opened at start."""
        return self.service.pool

    async def send(self, command: Command) -> Done | Refused:
        """Ask for something to be done, and wait until the ledger shows it."""
        return await desk.send(self.service, command, self.settings.settle)


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


def front(request: Request) -> Front:
    """The portal that serves this request."""
    return request.app.state.front


async def at_the_door(request: Request, front: Annotated[Front, Depends(front)]) -> Session:
    """Whoever asks, signed in or not."""
    session = await sessions.find(request, front.db, front.settings)
    request.state.session = session
    return session


async def signed_in(request: Request, session: Annotated[Session, Depends(at_the_door)]) -> Session:
    """Who asks, signed in. Raises NotSignedIn."""
    if session.reader is None:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise NotSignedIn(target if request.method == "GET" else "/")
    return session


def reads(session: Annotated[Session, Depends(signed_in)]) -> Reader:
    """The reader of a page."""
    assert session.reader is not None
    return session.reader


def from_our_form(session: Annotated[Session, Depends(signed_in)], csrf_token: Annotated[str, Form()] = "") -> Session:
    """Who sent a form, if it is a form of this very session. Raises Forged."""
    if not session.brought(csrf_token):
        raise Forged
    return session


def writes(session: Annotated[Session, Depends(from_our_form)]) -> Reader:
    """The reader who sent a form."""
    assert session.reader is not None
    return session.reader


def needs(reader: Reader, *roles: ActorRole) -> None:
    """Raises NotAllowed, which names the roles, unless the reader holds one."""
    if not reader.may(*roles):
        raise NotAllowed(*roles)


Here = Annotated[Front, Depends(front)]
AtTheDoor = Annotated[Session, Depends(at_the_door)]
Reads = Annotated[Reader, Depends(reads)]
Writes = Annotated[Reader, Depends(writes)]
