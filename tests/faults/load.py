"""Writers that ask until answered, over the portal, rpc and the counties' queue, and the ledger of the answers."""

import asyncio
import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import UUID, uuid4, uuid5

import httpx
from nats.aio.client import Client
from nats.errors import Error

from contracts.commands.assignment import Acknowledge, AssignmentCommand, Report
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.county import County
from contracts.envelope import Actor, ActorRole, Command, CommandAnswered, Event
from contracts.events.assignment import AssignmentIssued
from contracts.terms import Board, Role

OFFICE = Actor(person="inspector", unit="14.00.00.000.bgt", roles=(ActorRole.SUPERVISOR,))
TITLE = "压力测试事项"
PERCENTS = ("20", "40", "60")
ANSWERED_WITHIN = 180.0
"""Seconds after which a command that the queue has taken counts as lost."""
AGAIN = 0.2
PATHS = {RegisterTask: "/v1/tasks", Acknowledge: "acknowledge", Report: "reports"}
ENVELOPE = {"id", "actor", "expected_version", "assignment_id"}

Key = tuple[str, UUID]
"""Who sent a command, a node or nobody, and its id there."""
Answer = Mapping[str, Any]


class Ended(NamedTuple):
    """One command that was granted. `effects`: the aggregates of which it made one version each."""

    way: str
    effects: tuple[str, ...]
    number: str = ""


class Stall(NamedTuple):
    """The longest time between two answers of one writer, and when it was over."""

    seconds: float
    writer: str
    at: float


@dataclass
class Ledger:
    """What the writers were answered. ways: how many, by the way they came; queued: what the queue has taken."""

    acknowledged: dict[Key, Ended] = field(default_factory=dict)
    ways: Counter[str] = field(default_factory=Counter)
    queued: set[Key] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    trouble: Counter[str] = field(default_factory=Counter)
    stalls: dict[str, Stall] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    stop: bool = False

    def note(self, way: str, writer: str, key: Key, answer: Answer, number: str = "") -> None:
        """One answer, granted or refused."""
        now = time.time()
        stall = Stall(now - self.last.get(writer, now), writer, now)
        self.stalls[way] = max(self.stalls.get(way, stall), stall)
        self.last[writer] = now
        if answer.get("ok", True):
            parts = answer.get("detail", {}).get("parts", ())
            effects = tuple(f"assignment/{part['assignment_id']}" for part in parts) or (answer["aggregate"],)
            self.ways[way] += key not in self.acknowledged
            self.acknowledged[key] = Ended(way, effects, number)
        else:
            self.refused[f"{way} {answer['code']}"] += 1

    def begin(self, writer: str) -> None:
        """It had nothing to do until now, so nothing has stalled it."""
        self.last[writer] = time.time()

    async def worked(self, more: int, *ways: str, seconds: float = 60) -> None:
        """Until so many more commands are granted that came by one of these ways; a while at most."""
        wanted, end = self.granted(*ways) + more, time.time() + seconds
        while self.granted(*ways) < wanted and time.time() < end:
            await asyncio.sleep(0.05)
        self.trouble["too little work between two faults"] += self.granted(*ways) < wanted

    def granted(self, *ways: str) -> int:
        """How many commands were granted, by these ways."""
        return sum(self.ways[way] for way in ways)


async def silent(_: Exception) -> None:
    """That the bus is gone now and then is what the campaigns are about."""


def registration(number: int, units: Sequence[str]) -> RegisterTask:
    roles = (Role.LEAD, *[Role.RESPONSIBLE] * (len(units) - 1))
    return RegisterTask(
        actor=OFFICE,
        ledger="压力",
        number=str(uuid4()),
        title=f"{TITLE}{number}",
        board=Board.DAILY,
        lead_official="分管副省长",
        target="完成12项",
        verification_form="验收单",
        deadline_text="30个工作日",
        parts=tuple(RequestedPart(unit=unit, role=role) for unit, role in zip(units, roles, strict=True)),
    )


def work(assignment: str, actor: Actor) -> list[AssignmentCommand]:
    """What a unit does with its part: it has it, then three reports."""
    asked_of: dict[str, Any] = {"actor": actor, "assignment_id": assignment}
    reports = [Report(**asked_of, percent=percent, text="按计划推进，完成本期任务") for percent in PERCENTS]
    return [Acknowledge(**asked_of, responsible_person="张某"), *reports]


class Way(Protocol):
    """How a command is asked for: its key, and its answer, or None where it must be asked for again."""

    name: str

    def key(self, command: Command) -> Key: ...

    async def ask(self, command: Command) -> Answer | None: ...


@dataclass
class Rpc:
    """Over the bus, as the portal asks."""

    bus: Client
    name: str = "rpc"

    def key(self, command: Command) -> Key:
        return "", command.id

    async def ask(self, command: Command) -> Answer | None:
        try:
            message = await self.bus.request(command.subject(), command.model_dump_json().encode(), timeout=3)
        except (Error, TimeoutError, ConnectionError):
            return None
        answer = json.loads(message.data)
        return None if answer.get("kind") in ("failed", "unavailable") else answer


@dataclass
class Rest:
    """Over `/v1` of whichever portal answers. tokens: unit -> a token and its id."""

    portals: Sequence[str]
    tokens: Mapping[str, tuple[str, UUID]]
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=20, trust_env=False))
    name: str = "rest"

    def __post_init__(self) -> None:
        self.turns = itertools.cycle(self.portals)

    def key(self, command: Command) -> Key:
        return "", uuid5(self.tokens[command.actor.unit][1], str(command.id))

    async def ask(self, command: Command) -> Answer | None:
        body = command.model_dump(mode="json", exclude=ENVELOPE, exclude_unset=True)
        path = PATHS[type(command)]
        if isinstance(command, AssignmentCommand):
            path = f"/v1/assignments/{command.assignment_id}/{path}"
        token, _ = self.tokens[command.actor.unit]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(command.id)}
        try:
            answer = await self.http.post(next(self.turns) + path, json=body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code >= 500:
            return None
        return answer.json() | (
            {} if answer.is_success else {"ok": False, "code": f"{answer.status_code} {answer.text}"}
        )


@dataclass
class Writer:
    """One task after the other: registered for its units and others, and done by its own; `pause`: seconds after."""

    name: str
    way: Way
    ledger: Ledger
    units: Sequence[str]
    others: Sequence[str] = ()
    pause: float = 0
    tasks: int = 0

    async def sure(self, command: Command) -> Answer:
        """The answer, however often it must be asked for; the same id each time."""
        while (answer := await self.way.ask(command)) is None:
            self.ledger.retries[self.way.name] += 1
            await asyncio.sleep(AGAIN)
        number = command.number if isinstance(command, RegisterTask) else ""
        self.ledger.note(self.way.name, self.name, self.way.key(command), answer, number)
        return answer

    async def write(self) -> None:
        """Until it is told to stop."""
        while not self.ledger.stop:
            self.tasks += 1
            answer = await self.sure(registration(self.tasks, (*self.units, *self.others)))
            for part in answer.get("detail", {}).get("parts", ()):
                if part["unit"] in self.units:
                    actor = Actor(person="clerk", unit=part["unit"], roles=(ActorRole.UNIT_CLERK,))
                    for command in work(part["assignment_id"], actor):
                        await self.sure(command)
            await asyncio.sleep(self.pause)
            self.ledger.begin(self.name)


class Received(NamedTuple):
    """An event as a county received it."""

    id: str
    aggregate: str
    version: int


class CountySystem:
    """A county that works on what it is given: its commands go into the queue, their answers come as events."""

    def __init__(self, bundle: Path, unit: str, ledger: Ledger) -> None:
        self.county, self.unit, self.ledger = County(bundle, unit), unit, ledger
        self.received: list[Received] = []
        self.ids: set[str] = set()
        self.issued: asyncio.Queue[str] = asyncio.Queue()
        self.answers: dict[UUID, asyncio.Future[Answer]] = defaultdict(asyncio.get_running_loop().create_future)

    async def run(self, workers: int) -> None:
        """For ever; in no TaskGroup, which hands on one cancellation alone, and nats-py may swallow that."""
        async with self.county:
            await asyncio.gather(self.receive(), *(self.work(f"{self.county.node} {n}") for n in range(workers)))

    async def receive(self) -> None:
        """Note everything; what came before is noted, and no more."""
        async for event in self.county.events():
            self.received.append(Received(str(event.id), event.aggregate, event.version))
            if str(event.id) not in self.ids:
                self.ids.add(str(event.id))
                self.take(event)

    def take(self, event: Event) -> None:
        """A new part is for the workers, an answer for who waits for it."""
        if isinstance(event, AssignmentIssued) and event.address == self.unit:
            self.issued.put_nowait(str(event.assignment.assignment_id))
        elif isinstance(event, CommandAnswered) and not self.answers[event.command].done():
            self.answers[event.command].set_result(event.answer.model_dump(mode="json"))

    async def work(self, name: str) -> None:
        """One part after the other: all commands into the queue, then all answers."""
        actor = Actor(person="clerk", unit=self.unit, roles=(ActorRole.UNIT_CLERK,))
        while True:
            assignment = await self.issued.get()
            self.ledger.begin(name)
            commands = work(assignment, actor)
            for command in commands:
                await self.sure(command)
            for command in commands:
                await self.answered(name, command)

    async def sure(self, command: Command) -> None:
        """The queue has it, however often it must be told."""
        while True:
            try:
                await self.county.send(command)
                break
            except Error as error:
                self.ledger.retries["queue"] += 1
                self.ledger.trouble[f"queue: {error!r}"[:160]] += 1
                await asyncio.sleep(1)
        self.ledger.queued.add((self.county.node, command.id))

    async def answered(self, writer: str, command: Command) -> None:
        """Its answer; one that does not come is left to the checks."""
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                answer = await self.answers[command.id]
        except TimeoutError:
            self.ledger.trouble["queue: no answer came"] += 1
            return
        self.ledger.note("queue", writer, (self.county.node, command.id), answer)
