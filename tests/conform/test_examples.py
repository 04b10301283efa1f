"""The examples that the kit's events are made from are what tasks itself emits."""

import json
from collections.abc import Mapping
from uuid import UUID

from contracts.envelope import Event
from services.nodes.conform.events import EXAMPLES, UNIT, examples
from services.nodes.conform.sandbox import NODE
from tests.story import Story
from tests.story.province import YAODU

KINDS = ("unit.registered", "assignment.issued", "assignment.due_changed", "assignment.acknowledged")


def emitted() -> Mapping[str, Event]:
    """One of each kind out of a story, as the county's government gets it."""
    story = Story("2026-09-01 10:00")
    story.opening([YAODU])
    matter = story.register(
        "封闭沿线水井", responsible=[YAODU], deadline="30个工作日", instruction="逐井登记，限期封闭"
    )
    story.at("2026-09-01 16:00")
    matter.acknowledge(YAODU)
    matter.change_due("2026-12-01 18:00", YAODU)
    own = [event for event in story.events if event.address == UNIT or event.address.endswith(".all")]
    return {kind: next(event for event in reversed(own) if event.type == kind) for kind in KINDS}


def text(events: Mapping[str, Event]) -> str:
    """The file; the ids of events are random and stand for none."""
    bodies = {kind: event.model_dump(mode="json") | {"id": str(UUID(int=0))} for kind, event in events.items()}
    lines = [f"{json.dumps(kind)}: {json.dumps(body, ensure_ascii=False)}" for kind, body in bodies.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_the_examples_are_what_tasks_emits():
    assert EXAMPLES.read_text(encoding="utf-8") == text(emitted())


def test_every_example_is_read_by_the_contracts():
    assert set(examples()) == set(KINDS)
    assert all(
        event.type == kind and event.address.startswith(("14.00.00", NODE)) for kind, event in examples().items()
    )
