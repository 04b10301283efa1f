"""From the request to register a task to a draft that may go on the ledger, or why it may not (R8)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid5

from contracts.assignment import Milestone
from contracts.commands.task import RegisterTask, RequestedMilestone, RequestedPart
from contracts.envelope import ActorRole
from contracts.refusals import Refused
from contracts.register import Post, Unit
from contracts.terms import Role
from contracts.units import UnitAddress
from contracts.workdays import ZONE, DeadlineUnreadable, closing, day_of
from services.tasks.assignments.domain.bounds import RETURN_DAYS
from services.tasks.assignments.domain.draft import Draft, number_of, parts_of
from services.tasks.assignments.domain.gate import Fault, faults, unmeasurable
from services.tasks.assignments.domain.issuing import LEADER_SOURCE, STAFF, issuer_of
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain import Register
from services.tasks.register.domain.post import meant
from services.tasks.register.domain.timetable import Timetable

AS_WRITTEN = [
    "title",
    "board",
    "weight",
    "lead_official",
    "target",
    "verification_form",
    "instruction",
    "deadline_text",
]
"""What a draft takes from the command unchanged."""


def draft_of(
    command: RegisterTask, register: Register, timetable: Timetable, posts: Sequence[Post], now: datetime
) -> Draft | Refused:
    """The draft of one task; its number may still be empty. T0 is now."""
    issuer = issuer_of(command.actor, register)
    if isinstance(issuer, Refused):
        return issuer
    parts, wrong = _resolved(command.parts, register)
    try:
        deadline = timetable.deadline(command.deadline_text, now, command.weight)
    except DeadlineUnreadable as why:
        return refusal([*wrong, Fault("deadline_text", Code.DEADLINE_UNREADABLE, str(why))])
    draft = Draft(
        task_id=uuid5(command.id, "task"),
        issuer=issuer,
        ledger=command.ledger or f"{now.astimezone(ZONE).year}年督办台账",
        number=number_of(command.number),
        source=_source(command),
        lead_post=meant(command.lead_official, posts, day_of(now)),
        t0=now,
        clocks=timetable.clocks(deadline, now),
        return_until=timetable.within(RETURN_DAYS, now),
        parts=parts_of(parts),
        milestones=_dated(command.milestones),
        **{name: getattr(command, name) for name in AS_WRITTEN},
    )
    wrong = wrong or [*faults(draft, register), *unmeasurable(draft)]
    return refusal(wrong) if wrong else draft


def _source(command: RegisterTask) -> str:
    """A task that a leader starts says so, in his own words where he gives some (§1b)."""
    by_a_leader = command.actor.may(ActorRole.LEADER) and not command.actor.may(*STAFF)
    return command.source or (LEADER_SOURCE if by_a_leader else "")


def refusal(wrong: Iterable[Fault]) -> Refused:
    """The first fault with its field; all of them in `detail`."""
    errors = [(f"/{fault.field}", fault.code, fault.message) for fault in wrong]
    listed = [{"pointer": p, "code": code, "message": message} for p, code, message in errors]
    pointer, code, message = errors[0]
    return refuse(code, message, pointer, errors=listed)


def number_taken(number: str, title: str) -> Fault:
    """Another task of the ledger has that number."""
    message = f"编号 {number} 已用于“{title}”，请换一个编号，或核对是否为同一事项"
    return Fault("number", Code.NUMBER_TAKEN, message)


def _dated(wanted: Iterable[RequestedMilestone]) -> tuple[Milestone, ...]:
    """By due date, kept as written and not rolled, as an explicit deadline is (R1)."""
    dated = (Milestone(name=each.name, due=closing(each.due), weight=each.weight) for each in wanted)
    return tuple(sorted(dated, key=lambda milestone: milestone.due))


def _resolved(wanted: Iterable[RequestedPart], register: Register) -> tuple[list[tuple[Unit, Role]], list[Fault]]:
    """The lead is resolved first: other names are looked for in its region."""
    parts: list[tuple[Unit, Role]] = []
    wrong: list[Fault] = []
    lead: UnitAddress | None = None
    for place, part in sorted(enumerate(wanted), key=lambda item: item[1].role is not Role.LEAD):
        if unit := register.units.get(part.unit):
            units: tuple[Unit, ...] = (unit,)
        else:
            meaning = register.resolve(part.unit, lead)
            units = meaning.units
            wrong += [Fault(f"parts/{place}/unit", Code(f"unit_{p.reason}"), p.message) for p in meaning.problems]
        parts += [(unit, part.role) for unit in units]
        if part.role is Role.LEAD and units:
            lead = units[0].address
    return parts, wrong
