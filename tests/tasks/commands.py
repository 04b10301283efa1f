"""Commands as the portal sends them to a tasks service, and the events that follow."""

import json
from typing import Any

from contracts.commands.assignment import Acknowledge, Complete, Report
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole, Command, Done
from contracts.refusals import Refused
from contracts.terms import Board, Role
from contracts.units import address_at
from services.chassis import commands
from services.chassis.service import Service

OFFICE = address_at("14.00.00", "bgt")
GOVERNMENT = address_at("14.00.00")
POLICE, LINFEN = "14.00.00.000.gat", "14.10.00.000.gov"


def person_of(unit: str, *roles: ActorRole) -> Actor:
    return Actor(person=f"{unit} {roles[0]}", unit=unit, roles=roles)


SUPERVISOR = Actor(person="督查室主任", unit=OFFICE, roles=(ActorRole.SUPERVISOR,))
INSPECTOR = Actor(person="督查员", unit=OFFICE, roles=(ActorRole.INSPECTOR,))


async def ask(service: Service, command: Command) -> Done | Refused:
    return (await commands.answer(service, type(command), command.model_dump_json().encode()))[0]


async def granted(service: Service, command: Command) -> Done:
    answer = await ask(service, command)
    assert isinstance(answer, Done), answer
    return answer


def registration(**more: object) -> RegisterTask:
    """A task of two units, the police leading."""
    parts = [("省公安厅", Role.LEAD), ("临汾市政府", Role.RESPONSIBLE)]
    body = {
        "actor": SUPERVISOR,
        "title": "封闭沿线水井",
        "board": Board.KEY_WORK,
        "lead_official": "分管副省长",
        "target": "封闭水井412眼",
        "verification_form": "销号台账",
        "deadline_text": "7个工作日",
        "parts": [RequestedPart(unit=unit, role=role) for unit, role in parts],
    }
    return RegisterTask(**(body | more))


async def registered(service: Service, **more: object) -> dict[str, str]:
    """A new task's assignments: unit → id."""
    answer = await granted(service, registration(**more))
    return {part["unit"]: part["assignment_id"] for part in answer.detail["parts"]}


async def emitted(service: Service, kind: str = "%") -> list[dict[str, Any]]:
    """The events of a type, in order."""
    rows = await service.pool.fetch("select body from outbox where type like $1 order by seq", kind)
    return [json.loads(row["body"]) for row in rows]


async def done_by(service: Service, assignment: str, unit: str, evidence: str) -> None:
    """One assignment acknowledged, reported and completed by its unit."""
    clerk, head = person_of(unit, ActorRole.UNIT_CLERK), person_of(unit, ActorRole.UNIT_HEAD)
    await granted(service, Acknowledge(actor=clerk, assignment_id=assignment, responsible_person="张三"))
    for percent in (80, 100):
        await granted(service, Report(actor=clerk, assignment_id=assignment, percent=percent, text="已封闭一批水井"))
    await granted(service, Complete(actor=head, assignment_id=assignment, text="已全部封闭", evidence=[evidence]))
