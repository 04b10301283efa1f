"""The county's client: receive assignments, acknowledge, report; needs nats-py (extra `county`)."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from uuid import UUID

import nats
from nats.aio.client import Client
from nats.errors import TimeoutError as Silence
from nats.js.api import AckPolicy, ConsumerConfig

from .catalogue import event_classes
from .commands.assignment import Acknowledge, Complete, Report
from .envelope import Actor, ActorRole, Command, Event


class County:
    """One county system, by its node and the credentials the province gave it.

        async with County("nats://…", node="14.10.02", unit="14.10.02.000.gov") as county:
            async for event in county.events():
                if event.type == "assignment.issued":
                    await county.acknowledge(event.assignment.assignment_id, "zhang", responsible_person="张某")

    An event comes again until the loop asks for the next one: handle it, then go on.
    A command is durable: it is in the province's queue when the call returns, and its answer
    comes back as the event `command.answered`, with the id that the call returned.
    """

    def __init__(self, url: str, node: str, unit: str, stream: str = "EVENTS") -> None:
        self.url, self.node, self.unit, self.stream = url, node, unit, stream
        self.name = f"county-{node.replace('.', '-')}"

    async def __aenter__(self) -> Self:
        self.nc: Client = await nats.connect(
            self.url, name=self.name, max_reconnect_attempts=-1, inbox_prefix=f"_INBOX_{self.node.replace('.', '_')}"
        )
        self.js = self.nc.jetstream()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.nc.close()

    async def events(self) -> AsyncIterator[Event]:
        """Every event at the county's addresses, in order, from where it last stopped; it never ends.

        An event type that this version does not know is passed over.
        """
        subject = Event.filters(self.node)
        config = ConsumerConfig(
            name=self.name, durable_name=self.name, filter_subject=subject, ack_policy=AckPolicy.EXPLICIT
        )
        subscription = await self.js.pull_subscribe(subject, self.name, self.stream, config=config)
        while True:
            try:
                (message,) = await subscription.fetch(1, timeout=30)
            except Silence:
                continue
            if kind := event_classes().get(".".join(message.subject.split(".")[3:5])):
                yield kind.model_validate_json(message.data)
            await message.ack()

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
        """The part is done; `evidence` are SHA-256 of files uploaded before. `person` is the unit's head."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(Complete(actor=actor, assignment_id=assignment, text=text, evidence=evidence))

    async def send(self, command: Command) -> UUID:
        """Put any durable command into the queue; returns its id once the queue has it on disk.

        Without a `Nats-Msg-Id`: the command's own id makes it act once, and one sent again must come through.
        """
        await self.js.publish(command.durable(self.node), command.model_dump_json().encode())
        return command.id

    def _actor(self, person: str, role: ActorRole = ActorRole.UNIT_CLERK) -> Actor:
        return Actor(person=person, unit=self.unit, roles=(role,))
