"""From the wish to register a task to a draft that may go on the ledger, or why it may not (R8)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid5

from contracts.assignment import Milestone
from contracts.commands.task import RegisterTask, RequestedMilestone, RequestedPart
from contracts.envelope import Actor, ActorRole
from contracts.refusals import Refused
from contracts.terms import Role
from contracts.units import UnitAddress
from contracts.workdays import ZONE, DeadlineUnreadable, closing, day_of
from services.tasks.assignments.domain.draft import Draft, parts_of
from services.tasks.assignments.domain.gate import Fault, faults, unmeasurable
from services.tasks.assignments.domain.guard import forbidden
from services.tasks.register.domain import Register, Unit
from services.tasks.register.domain.post import Post, meant
from services.tasks.register.domain.timetable import Timetable

ISSUERS = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.LEADER, ActorRole.OPERATOR, ActorRole.SYSTEM)


def issuer_of(actor: Actor, register: Register) -> Unit | Refused:
    """The unit that gives out the task: the sender's own, which must stand on the register."""
    if not actor.may(*ISSUERS):
        return forbidden("只有督查人员可以登记事项")
    if unit := register.units.get(actor.unit):
        return unit
    return Refused(code="issuer_unknown", message=f"交办单位 {actor.unit} 不在单位名录中", pointer="/actor/unit")


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
        return refusal([*wrong, Fault("deadline_text", "deadline_unreadable", str(why))])
    draft = Draft(
        task_id=uuid5(command.id, "task"),
        issuer=issuer,
        ledger=command.ledger or f"{now.astimezone(ZONE).year}年督办台账",
        number=command.number,
        title=command.title,
        board=command.board,
        weight=command.weight,
        source=command.source,
        lead_official=command.lead_official,
        lead_post=meant(command.lead_official, posts, day_of(now)),
        target=command.target,
        verification_form=command.verification_form,
        instruction=command.instruction,
        t0=now,
        deadline_text=command.deadline_text,
        clocks=timetable.clocks(deadline, now),
        parts=parts_of(parts),
        milestones=_dated(command.milestones),
    )
    found = wrong or [*faults(draft), *unmeasurable(draft)]
    return refusal(found) if found else draft


def refusal(found: Iterable[Fault]) -> Refused:
    """The first fault with its field; all of them in `detail`."""
    errors = [{"pointer": f"/{fault.field}", "code": fault.code, "message": fault.message} for fault in found]
    first = errors[0]
    return Refused(code=first["code"], message=first["message"], pointer=first["pointer"], detail={"errors": errors})


def number_taken(number: str, title: str) -> Fault:
    """The ledger has given that number to another task."""
    return Fault("number", "number_taken", f"编号 {number} 已用于“{title}”，请换一个编号，或核对是否为同一事项")


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
            found = register.resolve(part.unit, lead)
            units = found.units
            wrong += [Fault(f"parts/{place}/unit", f"unit_{p.reason}", p.message) for p in found.problems]
        parts += [(unit, part.role) for unit in units]
        if part.role is Role.LEAD and units:
            lead = units[0].address
    return parts, wrong
