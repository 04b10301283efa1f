"""The events of a run, made from examples which tasks itself emitted: new ids, everything else as it was."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from contracts.assignment import Assignment
from contracts.catalogue import event_classes
from contracts.commands.assignment import Acknowledge
from contracts.envelope import EVENTS, Answer, CommandAnswered, Event, cloudevent_headers
from contracts.events.assignment import AssignmentAcknowledged, AssignmentDueChanged, AssignmentEvent, AssignmentIssued
from contracts.events.register import UnitRegistered
from contracts.terms import AssignmentState
from contracts.units import address_at
from services.nodes.conform.sandbox import NODE

EXAMPLES = Path(__file__).with_name("examples.json")
UNIT = address_at(NODE)
OTHER = f"{NODE}.000.slt"
PROVINCE = "14.00.00"
E = TypeVar("E", bound=AssignmentEvent)


@cache
def examples() -> Mapping[str, Event]:
    """One event of each type, such as `assignment.issued`, as the county's government gets it."""
    bodies = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return {kind: event_classes()[kind].model_validate(body) for kind, body in bodies.items()}


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def issued(number: int) -> AssignmentIssued:
    """A new assignment, the `number`th of this run; every third is for another unit of the node."""
    example = examples()[AssignmentIssued.type]
    assert isinstance(example, AssignmentIssued)
    ids = {"assignment_id": uuid4(), "task_id": uuid4()}
    words = {"number": f"2026-{number:04}", "title": f"{example.assignment.title}（{number}）"}
    unit = {"unit": OTHER, "unit_name": "尧都区水利局"} if number % 3 == 0 else {}
    return _after(example, example.assignment.model_copy(update={**ids, **words, **unit, "version": 1}))


def due_changed(assignment: Assignment) -> AssignmentDueChanged:
    """The office gives it another week; nothing that a county must answer."""
    example = examples()[AssignmentDueChanged.type]
    assert isinstance(example, AssignmentDueChanged)
    last = assignment.resolving
    due = last.due and last.due + timedelta(days=7)
    clocks = (*assignment.clocks[:-1], last.model_copy(update={"due": due}))
    update = {"clocks": clocks, "due_changes": assignment.due_changes + 1, "version": assignment.version + 1}
    changed = _after(example, assignment.model_copy(update=update))
    return changed.model_copy(update={"previous": last.due, "due": due})


def acknowledged(assignment: Assignment, command: Acknowledge) -> AssignmentAcknowledged:
    """What tasks emits once it has taken the command."""
    update = {
        "state": AssignmentState.ACKNOWLEDGED,
        "acknowledged_at": now(),
        "responsible_person": command.responsible_person,
        "version": assignment.version + 1,
    }
    example = examples()[AssignmentAcknowledged.type]
    assert isinstance(example, AssignmentAcknowledged)
    event = _after(example, assignment.model_copy(update=update))
    return event.model_copy(update={"actor": command.actor.person})


def _after(example: E, state: Assignment) -> E:
    """The example's event, of this assignment."""
    place = {"aggregate": f"assignment/{state.assignment_id}", "version": state.version, "assignment": state}
    return example.model_copy(update={"id": uuid4(), "time": now(), "address": state.unit, **place})


def unit(version: int) -> Event:
    """A unit of the register, for everyone in the province."""
    return examples()[UnitRegistered.type].model_copy(update={"id": uuid4(), "time": now(), "version": version})


def answered(command: UUID, address: str, version: int, answer: Answer) -> CommandAnswered:
    """The answer to a durable command, the `version`th to this id."""
    return CommandAnswered(
        time=now(),
        aggregate=f"command/tasks.{NODE}.{command}",
        version=version,
        owner=PROVINCE,
        address=address,
        audience=(address,),
        command=command,
        answer=answer,
    )


def subject_of(kind: str) -> str:
    """Where an event of any type is published for the county's government, also one that no version knows."""
    return f"{EVENTS}.{kind}.{UNIT}"


def headers_of(kind: str, aggregate: str) -> dict[str, str]:
    """Headers of an event that no model makes."""
    return cloudevent_headers(str(uuid4()), kind, PROVINCE, aggregate, now())
