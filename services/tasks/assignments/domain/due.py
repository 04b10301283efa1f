"""How a due date moves: by a DueChange with a cause, and in no other way (R1)."""

from datetime import UTC, datetime
from typing import Any

from contracts.assignment import OPEN, Assignment, Clock
from contracts.commands.assignment import ChangeDue
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentDueChanged
from contracts.offices import HEADS, oversees
from contracts.refusals import Refused
from contracts.terms import DueChangeCause
from contracts.workdays import ClockKind, recomputed
from services.tasks.assignments.domain.assignment import evolve, moved
from services.tasks.assignments.domain.guard import Decision, not_in, not_overseer, stale
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, forbidden, refuse
from services.tasks.register.domain.timetable import Timetable

MOST_EXTENSIONS = 2


def change_due(task: TaskAggregate, command: ChangeDue, now: datetime) -> Decision:
    """The issuer's supervisor or leader moves the resolving clock; an extension has bounds of its own."""
    assignment, due = task.assignment(command.assignment_id), command.due.astimezone(UTC)
    refused = (
        not_overseer(assignment, command.actor, *HEADS)
        or stale(assignment, command)
        or not_in(assignment, *OPEN)
        or _not_by_hand(command)
        or _not_ahead(assignment, due, now)
        or (_not_extendable(assignment, command, due, now) if command.cause is DueChangeCause.EXTENSION else None)
    )
    if refused:
        return refused
    clock, person = assignment.resolving, command.actor.person
    kind = ClockKind.CUSTOM if clock.kind is ClockKind.ZERO else clock.kind
    new = {"kind": kind, "due": due, "provisional": False, "review": None}
    return (due_changed(task, assignment, clock, new, command.cause, person, now, command.reason),)


def due_changed(
    task: TaskAggregate,
    assignment: Assignment,
    clock: Clock,
    new: dict[str, Any],
    cause: DueChangeCause,
    person: str,
    now: datetime,
    reason: str,
) -> AssignmentDueChanged:
    """One clock of an assignment at another moment."""
    resolving = clock is assignment.resolving
    after = evolve(
        assignment,
        clocks=moved(assignment.clocks, clock, now, **new),
        extensions=assignment.extensions + (cause is DueChangeCause.EXTENSION),
        due_changes=assignment.due_changes + resolving,
    )
    kind, due = new.get("kind", clock.kind), new["due"]
    happened = {"cause": cause, "clock": kind, "previous": clock.due, "due": due, "reason": reason}
    return task.event(AssignmentDueChanged, after, person, now, **happened)


def _not_by_hand(command: ChangeDue) -> Refused | None:
    """A revised calendar and a resumption move due dates by themselves."""
    if command.cause not in (DueChangeCause.CALENDAR, DueChangeCause.SUSPENSION):
        return None
    message = "日历修订和暂停办理由系统自动顺延，请选“延期”或其他事由"
    return refuse(Code.CAUSE_NOT_BY_HAND, message, "/cause")


def _not_ahead(assignment: Assignment, due: datetime, now: datetime) -> Refused | None:
    if due <= now:
        return _refused(Code.DUE_PASSED, "新的时限已经过去，请填写今后的日期")
    if due == assignment.due:
        return _refused(Code.DUE_UNCHANGED, "新的时限与现行时限相同，请填写另一个日期")
    return None


def _not_extendable(assignment: Assignment, command: ChangeDue, due: datetime, now: datetime) -> Refused | None:
    """Asked for before due, at most twice, each at most the original term, the second by the head."""
    if assignment.due is None or assignment.original_due is None:
        return _refused(Code.NO_DUE, "该事项没有完成时限，不用延期；确定日期请选“解决方案”")
    if now > assignment.due:
        return _refused(Code.ALREADY_DUE, "延期须在到期之前提出，该事项已经到期")
    if due < assignment.due:
        return _refused(Code.NOT_LATER, "延期后的时限不能早于现行时限")
    if assignment.extensions >= MOST_EXTENSIONS:
        return _refused(Code.EXTENDED_ENOUGH, f"最多延期 {MOST_EXTENSIONS} 次，该事项已延期 {assignment.extensions} 次")
    if due - assignment.due > assignment.original_due - assignment.t0:
        return _refused(Code.TERM_EXCEEDED, "每次延期不能超过原定期限的长度，请填写更早的日期")
    if assignment.extensions and not oversees(command.actor, assignment, ActorRole.LEADER):
        return forbidden("第二次延期须由领导批准")
    return None


def _refused(code: Code, message: str) -> Refused:
    return refuse(code, message, "/due")


def settled(
    task: TaskAggregate, assignment: Assignment, timetable: Timetable, now: datetime
) -> tuple[AssignmentDueChanged, ...]:
    """What a newly published year does to running provisional clocks: never earlier than they stood (R1).

    A clock that is no longer provisional is an event even where its date stays.
    """
    events: list[AssignmentDueChanged] = []
    for clock in assignment.clocks:
        if not clock.provisional or clock.due is None or clock.due <= now:
            continue
        policy = timetable.policy_of(clock.policy_version)
        try:
            new = recomputed(clock, assignment.t0, timetable.calendar, policy, assignment.deadline_text).new
        except ValueError:  # a date set later for a task without one: no text of the ledger yields it
            continue
        if (new.due, new.provisional) != (clock.due, clock.provisional):
            fields = {"due": new.due, "provisional": new.provisional, "policy_version": new.policy_version}
            reason = "放假安排公布后按工作日历重新推算"
            event = due_changed(task, assignment, clock, fields, DueChangeCause.CALENDAR, "系统", now, reason)
            events.append(event)
            assignment = event.assignment
    return tuple(events)
