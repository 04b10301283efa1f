"""The county's client: receive assignments, acknowledge, report, upload; needs nats-py (extra `county`)."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.errors import APIError
from pydantic import TypeAdapter, ValidationError

from .catalogue import event_classes
from .commands.assignment import (
    Acknowledge,
    Complete,
    ProposePlan,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    WithdrawRequest,
)
from .county_bus import AGAIN, CountyBus
from .envelope import Actor, ActorRole, Command, Event
from .evidence import UploadRefused, upload
from .handled import Handled
from .node import VERBS, Bundle, Token, TokenAnswer, TokenRequest, token_subject
from .refusals import Kind, Refused
from .units import address_at

logger = logging.getLogger(__name__)
T = TypeVar("T")

LATER = (401, 429, 502, 503, 504)
"""What HTTP answers where the same request works later, the first of them with another token."""
ANSWER: TypeAdapter[Token | Refused] = TypeAdapter(TokenAnswer)


class TokenRefused(Exception):
    """The portal gives no token; the text is its own, with the remedy. `refused.pointer` names the field."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


class County:
    """One county system, with the bundle that the province gave it: a folder, or a `Bundle`.

        async with County("bundles/14.10.02", handled="handled.db") as county:
            async for event in county.events():
                if event.type == "assignment.issued":
                    await county.acknowledge(event.assignment.assignment_id, "zhang", responsible_person="张某")

    An event comes again until the loop asks for the next one: handle it, then go on; at least once, so twice now and
    then, and all of them again after the province's bus lost its data. With a file `handled` each comes once, unless
    the system ends between handling an event and asking for the next. A command is durable: it is in the province's
    queue when the call returns, and its answer comes back as the event `command.answered`, with the id that the call
    returned. Whatever happens to the bus, the loop goes on by itself and says in the log what it waits for; new
    credentials are read from their file at the next connection. `skipped` counts by type what was passed over: what
    this version does not know, and what cannot be read.
    """

    def __init__(self, bundle: str | Path | Bundle, unit: str = "", handled: str | Path = "") -> None:
        """`unit`: who acts, the node's government unless said otherwise."""
        self.bundle = bundle if isinstance(bundle, Bundle) else Bundle.read(bundle)
        self.node = self.bundle.node
        self.unit = unit or address_at(self.node)
        self.skipped = Counter[str]()
        self.bus = CountyBus(self.bundle)
        self._handled = Handled(handled) if handled else None
        self._in_hand: Msg | None = None
        self._tokens: dict[tuple[str, ActorRole], tuple[str, float]] = {}

    async def __aenter__(self) -> Self:
        await self.bus.client()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.bus.close(self._in_hand)
        if self._handled:
            self._handled.close()

    async def events(self) -> AsyncIterator[Event]:
        """Every event at the county's addresses and for everyone above, in order, from where it last stopped.

        It never ends.
        """
        while True:
            message = await self.bus.fetch()
            event = self._readable(message)
            if event and not (self._handled and event in self._handled):
                self._in_hand = message
                yield event
                self._in_hand = None
                if self._handled:
                    self._handled.add(event)
            await self.bus.acknowledge(message)

    async def acknowledge(self, assignment: UUID, person: str, responsible_person: str = "") -> UUID:
        """The unit has it."""
        return await self.send(
            Acknowledge(actor=self._actor(person), assignment_id=assignment, responsible_person=responsible_person)
        )

    async def report(
        self, assignment: UUID, person: str, percent: str, text: str, responsible_person: str = ""
    ) -> UUID:
        """Progress in per cent, and what was done; `responsible_person`, where the acknowledgement named none."""
        body = {"percent": percent, "text": text, "responsible_person": responsible_person}
        return await self.send(
            Report.model_validate({"actor": self._actor(person), "assignment_id": assignment, **body})
        )

    async def complete(self, assignment: UUID, person: str, text: str, evidence: tuple[str, ...]) -> UUID:
        """The part is done; `evidence` are what `upload` returned. `person` is the unit's head."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(Complete(actor=actor, assignment_id=assignment, text=text, evidence=evidence))

    async def request_return(self, assignment: UUID, person: str, reason: str, unit: str = "") -> UUID:
        """The matter is another's, of `unit` perhaps; `person` is the unit's head, here and in all requests."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(RequestReturn(actor=actor, assignment_id=assignment, reason=reason, unit=unit))

    async def request_extension(self, assignment: UUID, person: str, due: date, reason: str, plan: str) -> UUID:
        """A later date, `extend_to` at the latest, and how it will be done by then."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(
            RequestExtension(actor=actor, assignment_id=assignment, due=due, reason=reason, plan=plan)
        )

    async def propose_plan(self, assignment: UUID, person: str, due: date, reason: str, plan: str) -> UUID:
        """What cannot be solved in time is solved by then, `plan_to` at the latest, by this plan."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(ProposePlan(actor=actor, assignment_id=assignment, due=due, reason=reason, plan=plan))

    async def request_reclassification(self, assignment: UUID, person: str, reason: str) -> UUID:
        """It is a major matter: a month in place of seven days."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(RequestReclassification(actor=actor, assignment_id=assignment, reason=reason))

    async def withdraw_request(self, assignment: UUID, person: str) -> UUID:
        """What was asked for is taken back."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(WithdrawRequest(actor=actor, assignment_id=assignment))

    async def send(self, command: Command, patience: float = 60) -> UUID:
        """Put a durable command into the queue; returns its id once the queue has it on disk.

        Without a `Nats-Msg-Id`: the command's own id makes it act once, and one sent again must come through.
        A bus that is away is asked again for `patience` seconds, under the same id. Raises APIError for what the queue
        refuses, such as one command too many, and ValueError for a command that no node may send.
        """
        if command.verb() not in VERBS:
            raise ValueError(f"节点不能发出 {command.type}")
        subject, body = command.durable(self.node), command.model_dump_json().encode()

        async def publish() -> UUID:
            await (await self.bus.client()).jetstream().publish(subject, body)
            return command.id

        return await self._persist("the queue does not answer, the command is sent again", patience, publish)

    async def upload(self, file: str | Path | bytes, name: str, person: str, patience: float = 60) -> str:
        """Upload evidence by the portal's HTTP API; returns its SHA-256, which `complete` and `report` cite.

        `file`: a path or the bytes; `name`: as people will see it, with its suffix; `person`: on the register, of the
        unit that acts. Raises UploadRefused for a file that the portal does not take, and TokenRefused for a person.
        """
        content = file if isinstance(file, bytes) else await asyncio.to_thread(Path(file).read_bytes)

        async def attempt() -> str:
            token, portal = await self.token(person, patience=patience), self.bundle.portal
            try:
                return await asyncio.to_thread(upload, portal, self.bundle.ca, token, content, name)
            except UploadRefused as error:
                if error.status == 401:
                    self._tokens.clear()
                raise

        return await self._persist("the portal does not answer, the file is sent again", patience, attempt)

    async def token(self, person: str, role: ActorRole = ActorRole.UNIT_CLERK, patience: float = 60) -> str:
        """A bearer token for the portal's HTTP API under `bundle.portal`, fetched over the bus and kept for its time.

        Raises TokenRefused.
        """
        token, end = self._tokens.get((person, role), ("", 0.0))
        if token and asyncio.get_running_loop().time() < end:
            return token
        request = TokenRequest.model_validate({"person": person, "unit": self.unit, "role": role})

        async def ask() -> Token:
            body = request.model_dump_json().encode()
            message = await (await self.bus.client()).request(token_subject(self.node), body, timeout=10)
            if isinstance(answer := ANSWER.validate_json(message.data), Refused):
                raise TokenRefused(answer)
            return answer

        given = await self._persist("no token is given at the moment", patience, ask)
        self._tokens[person, role] = given.token, asyncio.get_running_loop().time() + given.expires_in * 0.9
        return given.token

    def _actor(self, person: str, role: ActorRole = ActorRole.UNIT_CLERK) -> Actor:
        return Actor(person=person, unit=self.unit, roles=(role,))

    async def _persist(self, trouble: str, patience: float, attempt: Callable[[], Awaitable[T]]) -> T:
        """Again until it works, for so many seconds; raises at once what would be refused again."""
        clock = asyncio.get_running_loop().time
        end = clock() + patience
        while True:
            try:
                return await attempt()
            except (Error, OSError, UploadRefused, TokenRefused) as error:
                if not passes(error) or clock() > end:
                    raise
                self.bus.note(trouble, error)
            await asyncio.sleep(AGAIN)

    def _readable(self, message: Msg) -> Event | None:
        """The event; None where this version does not know it, or cannot read it."""
        type_ = ".".join(message.subject.split(".")[3:5])
        try:
            if kind := event_classes().get(type_):
                return kind.model_validate_json(message.data)
            logger.info("an event that this version does not know is passed over: %s", message.subject)
        except ValidationError as error:
            where = error.errors(include_input=False, include_url=False)
            logger.warning("an event that cannot be read is passed over: %s %s", message.subject, where)
        self.skipped[type_] += 1
        return None


def passes(error: Exception) -> bool:
    """Whether the same request may work later."""
    if isinstance(error, UploadRefused):
        return error.status in LATER
    if isinstance(error, TokenRefused):
        return error.refused.kind is Kind.UNAVAILABLE
    return not isinstance(error, APIError)
