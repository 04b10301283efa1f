"""The other side, played: it publishes events, takes the county's commands and answers them as events."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig
from pydantic import ValidationError

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge
from contracts.envelope import COMMAND_STREAM, ActorRole, Answer, Done, Event
from contracts.events.assignment import AssignmentIssued
from contracts.refusals import Kind, Refused
from contracts.terms import AssignmentState
from services.chassis import refusals
from services.nodes.conform import events
from services.nodes.conform.sandbox import NODE, Sandbox, insist

READER = "tasks"
ROLES = {ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD}
REPEATS = 3
"""How often a refused command may come; then it is answered no more, and counts as sent for ever."""
TAKEN = Refused(kind=Kind.CONFLICT, code="acknowledged", message="该任务已经签收，不必再次签收")
FOREIGN = Refused(
    kind=Kind.NOT_FOUND, code="not_found", message="没有这件任务，请核对任务编号", pointer="/assignment_id"
)
REFUSED = Refused(
    kind=Kind.INVALID,
    code="unit_closed",
    message="单位信息正在变更，暂不能签收：请人工核对后再办",
    pointer="/actor/unit",
)


class Published(NamedTuple):
    """A message as it went out."""

    subject: str
    body: bytes
    headers: dict[str, str]


class Province:
    """What was published, how each assignment stands, and every decision that came. `refusing`: what it refuses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.log: list[Published] = []
        self.assignments: dict[UUID, Assignment] = {}
        self.refusing: set[UUID] = set()
        self.commands = 0
        self.sent: Counter[UUID] = Counter()
        self.decisions: dict[UUID, set[UUID]] = {}
        self.foreign: list[str] = []
        self._answers: dict[UUID, tuple[int, Answer]] = {}

    async def issue(self, count: int = 1) -> list[AssignmentIssued]:
        """New assignments, published one after the other."""
        issued = self.draft(count)
        for event in issued:
            await self.emit(event)
        return issued

    def draft(self, count: int) -> list[AssignmentIssued]:
        """New assignments that are not published yet."""
        first = len(self.assignments) + 1
        issued = [events.issued(number) for number in range(first, first + count)]
        self.assignments |= {event.assignment.assignment_id: event.assignment for event in issued}
        return issued

    async def change_due(self, issued: AssignmentIssued) -> None:
        """Its next event."""
        id = issued.assignment.assignment_id
        event = events.due_changed(self.assignments[id])
        self.assignments[id] = event.assignment
        await self.emit(event)

    async def emit(self, event: Event) -> None:
        """Publish an event as its owner would."""
        await self.publish(event.subject(), event.model_dump_json().encode(), event.headers())

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> None:
        """Anything at all, and remember it: it belongs to the history."""
        self.log.append(Published(subject, body, headers))
        await self._send(self.log[-1])

    async def repeat(self, issued: Sequence[AssignmentIssued] | None = None) -> None:
        """The same events again, byte for byte; without a list the whole history."""
        chosen = self.log if issued is None else [self._published(event) for event in issued]
        for each in list(chosen):
            await self._send(each)

    def _published(self, event: Event) -> Published:
        return next(each for each in self.log if each.headers.get("Nats-Msg-Id") == str(event.id))

    async def _send(self, each: Published) -> None:
        js = self.sandbox.bus.province.jetstream()
        await insist(lambda: js.publish(each.subject, each.body, headers=each.headers))

    async def take_commands(self) -> None:
        """For ever: take what the county sends, answer it, then acknowledge it."""
        js = self.sandbox.bus.province.jetstream()
        config = ConsumerConfig(durable_name=READER, ack_policy=AckPolicy.EXPLICIT)
        await js.add_consumer(COMMAND_STREAM, config)
        reader = await js.pull_subscribe_bind(READER, COMMAND_STREAM)
        while True:
            try:
                for message in await reader.fetch(50, timeout=1):
                    await self._take(message)
                    await message.ack()
            except TimeoutError:
                continue
            except Error:
                await asyncio.sleep(0.1)

    async def _take(self, message: Msg) -> None:
        if "Nats-Msg-Id" in (message.headers or {}):
            self.foreign.append("指令带了消息头 Nats-Msg-Id：不要设置，否则重发的指令到不了省里")
        if message.subject != Acknowledge.durable(NODE):
            self.foreign.append(f"发来了没有要求的指令 {message.subject}")
            return
        try:
            command = Acknowledge.model_validate_json(message.data)
        except ValidationError as error:
            refused = refusals.invalid(error)
            self.foreign.append(f"指令不合格式：{refused.pointer}：{refused.message}")
            return
        await self._answer(command)

    async def _answer(self, command: Acknowledge) -> None:
        """Once for each id; an id that comes again is given the same answer, as the next version."""
        self.sent[command.assignment_id] += 1
        if command.assignment_id in self.refusing and self.sent[command.assignment_id] > REPEATS:
            return
        self.commands += 1
        version, answer = self._answers.get(command.id, (0, None))
        if answer is None:
            answer = await self._decide(command)
        self._answers[command.id] = version + 1, answer
        await self.emit(events.answered(command.id, command.actor.unit, version + 1, answer))

    async def _decide(self, command: Acknowledge) -> Answer:
        state = self.assignments.get(command.assignment_id)
        if state is None:
            self.foreign.append(f"签收了不存在的任务 {command.assignment_id}")
            return FOREIGN
        if command.actor.unit != state.unit:
            name = f"以 {command.actor.unit} 的名义签收了 {state.unit} 的任务 {state.number}"
            self.foreign.append(f"{name}：actor.unit 应取自事件中的 assignment.unit")
            return FOREIGN
        if roles := sorted(set(command.actor.roles) - ROLES):
            self.foreign.append(f"以角色 {'、'.join(roles)} 签收：只有 unit_clerk、unit_head 可以")
            return FOREIGN
        self.decisions.setdefault(state.assignment_id, set()).add(command.id)
        if state.assignment_id in self.refusing:
            return REFUSED
        if state.state is not AssignmentState.ISSUED:
            return TAKEN
        event = events.acknowledged(state, command)
        self.assignments[state.assignment_id] = event.assignment
        await self.emit(event)
        return Done(aggregate=event.aggregate, version=event.version)
