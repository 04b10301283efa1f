"""The examples run as they stand, on the running stack, with the package under the name that a county installs."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import nats
import pytest

from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole, Event
from contracts.events.assignment import AssignmentAcknowledged
from contracts.terms import Board, Role
from deploy.local.settings import ROOT
from tests.house.province import COUNTY, OFFICE, Province

E = TypeVar("E", bound=Event)
UNIT = f"{COUNTY}.000.gov"
COMMAND = RegisterTask(
    actor=Actor(person="director", unit=OFFICE, roles=(ActorRole.SUPERVISOR,)),
    title="水库除险加固三座",
    board=Board.PROJECT,
    lead_official="分管副省长",
    target="完成3座",
    verification_form="验收单",
    deadline_text="30个工作日",
    parts=[RequestedPart(unit=UNIT, role=Role.LEAD)],
)


@pytest.fixture
def county(province: Province, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The county's system; it is ended after a minute."""
    (tmp_path / "duban_contracts").symlink_to(ROOT / "contracts")
    process = subprocess.Popen(
        [sys.executable, ROOT / "examples/county_python.py", province.bundle(), "zhang", "张某"],
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    limit = threading.Timer(60, process.kill)
    limit.start()
    yield process
    limit.cancel()
    process.kill()
    process.communicate()


def test_a_county_in_one_file_acknowledges_what_it_is_assigned_and_reads_the_answer(province, county):
    asyncio.run(register(province))
    for words in (COMMAND.title, "ok=True aggregate='assignment/"):  # after what the county still had to read
        assert next((line for line in county.stdout if words in line), ""), words
    event = asyncio.run(last(province, AssignmentAcknowledged))
    assert (event.assignment.unit, event.assignment.responsible_person) == (UNIT, "张某")


async def register(province: Province) -> None:
    """The office registers a task of the county's, as the portal sends it; again until the register is there."""
    bus, answer = await nats.connect(**province.stack.bus), {"kind": "unavailable"}
    async with asyncio.timeout(120):
        while answer.get("kind") == "unavailable":
            await asyncio.sleep(0.1)
            answer = json.loads((await bus.request(COMMAND.subject(), COMMAND.model_dump_json().encode(), 10)).data)
    await bus.close()
    assert answer["ok"], answer


async def last(province: Province, kind: type[E]) -> E:
    """The last event of its kind that the province published."""
    bus = await nats.connect(**province.stack.bus)
    message = await bus.jetstream().get_last_msg("EVENTS", kind.filters())
    await bus.close()
    return kind.model_validate_json(message.data)
