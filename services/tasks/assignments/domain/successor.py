"""A part that another unit gets: the old one ends, a new one begins with every clock built anew (§2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from contracts.assignment import Assignment
from contracts.commands.assignment import DecideRequest
from contracts.events.assignment import (
    AssignmentEvent,
    AssignmentIssued,
    AssignmentLeadChanged,
    AssignmentReturned,
)
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import AssignmentState, Role
from services.tasks.assignments.domain.assignment import evolve
from services.tasks.assignments.domain.audience import audience_of_assignment
from services.tasks.assignments.domain.bounds import RETURN_DAYS
from services.tasks.assignments.domain.draft import assignment_of
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain import Register
from services.tasks.register.domain.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Reference:
    """What a decision looks up: the legal clock, the register, and what the units were told at registration."""

    timetable: Timetable
    register: Register
    texts: Mapping[str, str]


def meant(written: str, task: TaskAggregate, register: Register) -> Unit | Refused:
    """The one unit that an address or a name means."""
    if unit := register.units.get(written):
        return unit
    meaning = register.resolve(written, task.task.lead)
    if meaning.problems:
        problem = meaning.problems[0]
        return refuse(Code(f"unit_{problem.reason}"), problem.message, "/unit")
    if len(meaning.units) != 1:
        message = f"“{written}”是 {len(meaning.units)} 个单位，请写明其中一个"
        return refuse(Code.UNIT_AMBIGUOUS, message, "/unit")
    return meaning.units[0]


def not_successor(unit: Unit, task: TaskAggregate, register: Register) -> Refused | None:
    """A unit that the office may not issue to, or that has a part already."""
    issuer = register.units.get(task.task.issuer)
    if issuer is None or not issuer.may_issue_to(unit, register.units):
        return refuse(Code.OUTSIDE, f"{unit.short}不在{task.task.issuer_name}的督办范围内，请改写另一个单位", "/unit")
    live = (each for each in task.assignments if each.state is not AssignmentState.RETURNED)
    if any(each.unit == unit.address for each in live):
        return refuse(Code.ALREADY_PART, f"{unit.short}已经承办该事项，请改写另一个单位", "/unit")
    return None


def handed_over(
    task: TaskAggregate, old: Assignment, unit: Unit, command: DecideRequest, now: datetime, by: Reference
) -> tuple[AssignmentEvent, ...]:
    """The old part is returned, the unit gets a new one, and where it leads from now on every other part says so."""
    assert old.request
    person, led = command.actor.person, old.role is Role.LEAD
    lead = unit if led else by.register.units[task.task.lead]
    audience = audience_of_assignment(by.register.units[task.task.issuer], lead, unit, by.register)
    new = _part(task, old, unit, lead, uuid5(command.id, "assignment"), now, by.timetable)
    wider = replace(task, audiences={**task.audiences, new.assignment_id: audience})
    ended = evolve(old, state=AssignmentState.RETURNED, request=None, paused_at=None, closed_at=now)
    happened = {"request": old.request, "successor": new.assignment_id, "successor_name": unit.short}
    returned = wider.event(AssignmentReturned, ended, person, now, reason=command.reason, **happened)
    issued = wider.event(AssignmentIssued, new, person, now, lead_official=task.task.lead_official, **by.texts)
    others = [each for each in task.whole if led and each.open and each is not old]
    return (returned, issued, *(_led(wider, each, lead, person, now) for each in others))


def _part(
    task: TaskAggregate, old: Assignment, unit: Unit, lead: Unit, id: UUID, now: datetime, timetable: Timetable
) -> Assignment:
    """What the unit gets: T0 is now; the plan stays where the due date does and all of it lies ahead."""
    clocks = timetable.clocks(timetable.deadline_anew(old.deadline_text, task.task.t0, now, old.weight), now)
    ahead = all(each.due > now for each in old.milestones)
    stays = ahead and clocks[-1].due is not None and clocks[-1].due == old.original_due
    milestones = tuple(each.model_copy(update={"reached_at": None}) for each in old.milestones if stays)
    owned = task.task.model_copy(update={"lead": lead.address, "weight": old.weight})
    return_until = timetable.within(RETURN_DAYS, now)
    return assignment_of(owned, id, unit, old.role, clocks, return_until, milestones, now, now)


def _led(task: TaskAggregate, part: Assignment, lead: Unit, person: str, now: datetime) -> AssignmentLeadChanged:
    """The lead may see what it verifies."""
    audience = tuple(sorted({*task.audiences[part.assignment_id], lead.address}))
    task = replace(task, audiences={**task.audiences, part.assignment_id: audience})
    return task.event(AssignmentLeadChanged, evolve(part, lead=lead.address), person, now, lead_name=lead.short)
