"""How a due date moves: by a DueChange with a cause, and in no other way (R1)."""

from datetime import UTC, datetime
from typing import Any

from contracts.assignment import OPEN
from contracts.commands.assignment import ChangeDue
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentDueChanged
from contracts.refusals import Refused
from contracts.terms import DueChangeCause
from contracts.workdays import ClockKind, recomputed
from services.tasks.assignments.domain.assignment import Assignment, Clock, event_of, evolve, moved
from services.tasks.assignments.domain.guard import Decision, forbidden, not_in, not_of_issuer, stale
from services.tasks.assignments.domain.task import Task
from services.tasks.register.domain.timetable import Timetable

MOST_EXTENSIONS = 2


def change_due(task: Task, command: ChangeDue, now: datetime) -> Decision:
    """The issuer's supervisor or leader moves the resolving clock; an extension has bounds of its own."""
    part, due = task.part(command.assignment_id), command.due.astimezone(UTC)
    refused = (
        not_of_issuer(part, command.actor, ActorRole.SUPERVISOR, ActorRole.LEADER)
        or stale(part, command)
        or not_in(part, *OPEN)
        or _not_by_hand(command)
        or _not_ahead(part, due, now)
        or (_not_extendable(part, command, due, now) if command.cause is DueChangeCause.EXTENSION else None)
    )
    if refused:
        return refused
    clock, person = part.resolving, command.actor.person
    kind = ClockKind.CUSTOM if clock.kind is ClockKind.ZERO else clock.kind
    new = {"kind": kind, "due": due, "provisional": False, "review": None}
    return (due_changed(part, clock, new, command.cause, person, now, command.reason),)


def due_changed(
    part: Assignment, clock: Clock, new: dict[str, Any], cause: DueChangeCause, person: str, now: datetime, reason: str
) -> AssignmentDueChanged:
    """One clock of a part at another moment."""
    resolving = clock is part.resolving
    after = evolve(
        part,
        clocks=moved(part.clocks, clock, now, **new),
        extensions=part.extensions + (cause is DueChangeCause.EXTENSION),
        due_changes=part.due_changes + resolving,
    )
    kind, due = new.get("kind", clock.kind), new["due"]
    happened = {"cause": cause, "clock": kind, "previous": clock.due, "due": due, "reason": reason}
    return event_of(AssignmentDueChanged, after, person, now, **happened)


def _not_by_hand(command: ChangeDue) -> Refused | None:
    """A revised calendar and a resumption move due dates by themselves."""
    if command.cause not in (DueChangeCause.CALENDAR, DueChangeCause.SUSPENSION):
        return None
    message = "日历修订和暂停办理由系统自动顺延，请选“延期”或其他事由"
    return Refused(code="cause_not_by_hand", message=message, pointer="/cause")


def _not_ahead(part: Assignment, due: datetime, now: datetime) -> Refused | None:
    if due <= now:
        return _refused("due_passed", "新的时限已经过去，请填写今后的日期")
    if due == part.due:
        return _refused("due_unchanged", "新的时限与现行时限相同，请填写另一个日期")
    return None


def _not_extendable(part: Assignment, command: ChangeDue, due: datetime, now: datetime) -> Refused | None:
    """Asked for before due, at most twice, each at most the original term, the second by the head."""
    if part.due is None or part.original_due is None:
        return _refused("no_due", "该事项没有完成时限，不用延期；确定日期请选“解决方案”")
    if now > part.due:
        return _refused("already_due", "延期须在到期之前提出，该事项已经到期")
    if due < part.due:
        return _refused("not_later", "延期后的时限不能早于现行时限")
    if part.extensions >= MOST_EXTENSIONS:
        return _refused("extended_enough", f"最多延期 {MOST_EXTENSIONS} 次，该事项已延期 {part.extensions} 次")
    if due - part.due > part.original_due - part.t0:
        return _refused("term_exceeded", "每次延期不能超过原定期限的长度，请填写更早的日期")
    if part.extensions and not command.actor.may(ActorRole.LEADER):
        return forbidden("第二次延期须由领导批准")
    return None


def _refused(code: str, message: str) -> Refused:
    return Refused(code=code, message=message, pointer="/due")


def settled(part: Assignment, timetable: Timetable, now: datetime) -> tuple[AssignmentDueChanged, ...]:
    """What a newly published year does to a part's running provisional clocks: never earlier than what was told (R1).

    A clock that is no longer provisional is said even where its date stays.
    """
    said: list[AssignmentDueChanged] = []
    for told in part.clocks:
        if not told.provisional or told.due is None or told.due <= now:
            continue
        policy = timetable.policy_of(told.policy_version)
        try:
            new = recomputed(told, part.t0, timetable.calendar, policy, part.deadline_text).new
        except ValueError:  # a date given later to a task without one: no text of the ledger yields it
            continue
        if (new.due, new.provisional) != (told.due, told.provisional):
            fields = {"due": new.due, "provisional": new.provisional, "policy_version": new.policy_version}
            reason = "放假安排公布后按工作日历重新推算"
            said.append(due_changed(part, told, fields, DueChangeCause.CALENDAR, "系统", now, reason))
            part = said[-1].assignment
    return tuple(said)
