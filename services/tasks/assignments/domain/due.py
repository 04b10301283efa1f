"""How a due date moves: by a DueChange with a cause, and in no other way (R1)."""

from datetime import datetime
from typing import Any

from contracts.assignment import Assignment, Clock
from contracts.events.assignment import AssignmentDueChanged
from contracts.terms import DueChangeCause
from contracts.workdays import recomputed
from services.tasks.assignments.domain.assignment import evolve, moved
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.register.domain.timetable import Timetable


def due_changed(
    task: TaskAggregate,
    assignment: Assignment,
    clock: Clock,
    new: dict[str, Any],
    cause: DueChangeCause,
    person: str,
    now: datetime,
    reason: str,
    **changes: Any,
) -> AssignmentDueChanged:
    """One clock of an assignment at another moment, and other fields that change with it."""
    resolving = clock is assignment.resolving
    after = evolve(
        assignment,
        clocks=moved(assignment.clocks, clock, now, **new),
        extensions=assignment.extensions + (cause is DueChangeCause.EXTENSION),
        due_changes=assignment.due_changes + resolving,
        **changes,
    )
    kind, due = new.get("kind", clock.kind), new["due"]
    happened = {"cause": cause, "clock": kind, "previous": clock.due, "due": due, "reason": reason}
    return task.event(AssignmentDueChanged, after, person, now, **happened)


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
