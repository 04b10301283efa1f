"""What the issuing office's head does with a whole task: suspend it, let it go on, cancel it (§2)."""

from datetime import datetime

from contracts.assignment import IN_HAND, OPEN, Assignment, Clock
from contracts.commands.task import Cancel, Resume, Suspend, TaskCommand
from contracts.events.assignment import (
    AssignmentCancelled,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentResumed,
    AssignmentSuspended,
)
from contracts.offices import HEADS
from contracts.refusals import Refused
from contracts.terms import AssignmentState, DueChangeCause, TaskState
from contracts.workdays import closing, day_of, due_on
from services.tasks.assignments.domain.assignment import evolve
from services.tasks.assignments.domain.due import due_changed
from services.tasks.assignments.domain.guard import Decision, not_overseer, stale
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain.timetable import Timetable

ENDED = {
    TaskState.CLOSED: (Code.CLOSED, "该事项已销号，不再接收任何操作"),
    TaskState.CANCELLED: (Code.CANCELLED, "该事项已撤销，不再接收任何操作"),
}


def suspend(task: TaskAggregate, command: Suspend, now: datetime) -> Decision:
    """Every open assignment stands still, whatever its state; lights stay as they are."""
    refused = _not_by(task, command) or _ended(task) or _already(task)
    if refused:
        return refused
    person, reason = command.actor.person, command.reason
    still = [evolve(each, paused_at=now) for each in _open(task)]
    return tuple(task.event(AssignmentSuspended, each, person, now, reason=reason) for each in still)


def resume(task: TaskAggregate, command: Resume, now: datetime, timetable: Timetable) -> Decision:
    """Work goes on: what was still to come moves by the working days lost, what had run out stays so."""
    refused = _not_by(task, command) or _ended(task) or _running(task)
    if refused:
        return refused
    still = [each for each in task.whole if each.paused_at]
    return tuple(event for each in still for event in _resumed(task, each, command, now, timetable))


def cancel(task: TaskAggregate, command: Cancel, now: datetime) -> Decision:
    """Every open assignment ends; a task whose lead was written off can only be written off."""
    refused = _not_by(task, command) or _ended(task) or _lead_closed(task)
    if refused:
        return refused
    state, person, reason = AssignmentState.CANCELLED, command.actor.person, command.reason
    ended = [
        evolve(each, state=state, request=None, review_by=None, paused_at=None, closed_at=now) for each in _open(task)
    ]
    return tuple(task.event(AssignmentCancelled, each, person, now, reason=reason) for each in ended)


def _resumed(
    task: TaskAggregate, assignment: Assignment, command: Resume, now: datetime, timetable: Timetable
) -> list[AssignmentEvent]:
    """The clocks move while it still stands still, so that nothing is judged by a date about to move."""
    events: list[AssignmentEvent] = []
    for clock in assignment.clocks:
        moved = _by_days_lost(clock, assignment, now, timetable)
        if moved.due != clock.due:
            events.append(_moves(task, assignment, clock, moved, command, now))
            assignment = events[-1].assignment
    in_hand_since = now if assignment.state in IN_HAND else assignment.in_hand_since
    back = evolve(assignment, paused_at=None, in_hand_since=in_hand_since)
    events.append(task.event(AssignmentResumed, back, command.actor.person, now, reason=command.reason))
    return events


def _by_days_lost(clock: Clock, assignment: Assignment, now: datetime, timetable: Timetable) -> Clock:
    """The clock as many working days later as passed since the suspension; one that had run out by then stays."""
    if clock.due is None or assignment.paused_at is None or clock.due <= assignment.paused_at:
        return clock
    calendar, before = timetable.calendar, day_of(clock.due)
    lost = calendar.workdays_between(day_of(assignment.paused_at), day_of(now))
    policy, day = timetable.policy_of(clock.policy_version), calendar.add_workdays(before, lost)
    if closing(day, policy) <= now:  # it ended while nothing could be done: the next working day is left for it
        day = calendar.add_workdays(day_of(now), 1)
    if day == before:
        return clock
    due = due_on(day, policy).due
    return clock.model_copy(update={"due": due, "provisional": calendar.provisional_within(before, day)})


def _moves(
    task: TaskAggregate, assignment: Assignment, clock: Clock, moved: Clock, command: Resume, now: datetime
) -> AssignmentDueChanged:
    """The clock moves, and the resolving one's original end by as much, unless that had passed at the suspension."""
    new = {"due": moved.due, "provisional": moved.provisional}
    reason = "暂停办理期间的工作日顺延"
    event = due_changed(task, assignment, clock, new, DueChangeCause.SUSPENSION, command.actor.person, now, reason)
    rated, paused = assignment.rated_due, assignment.paused_at
    if clock is not assignment.resolving or not (rated and paused and rated > paused and moved.due and clock.due):
        return event
    after = event.assignment.model_copy(update={"rated_due": rated + (moved.due - clock.due)})
    return event.model_copy(update={"assignment": after})


def _open(task: TaskAggregate) -> tuple[Assignment, ...]:
    return tuple(each for each in task.whole if each.state in OPEN)


def _not_by(task: TaskAggregate, command: TaskCommand) -> Refused | None:
    return not_overseer(task.task, command.actor, *HEADS) or stale(task.task, command)


def _ended(task: TaskAggregate) -> Refused | None:
    return _refused(*ENDED[task.task.state], task) if task.task.state in ENDED else None


def _already(task: TaskAggregate) -> Refused | None:
    return _refused(Code.SUSPENDED, "该事项已经暂停办理", task) if task.task.paused_at else None


def _running(task: TaskAggregate) -> Refused | None:
    return None if task.task.paused_at else _refused(Code.NOT_SUSPENDED, "该事项没有暂停办理，无须恢复", task)


def _lead_closed(task: TaskAggregate) -> Refused | None:
    if task.lead.state is not AssignmentState.CLOSED:
        return None
    return _refused(Code.LEAD_CLOSED, "牵头单位的部分已经销号，该事项只能逐项销号，不能撤销", task)


def _refused(code: Code, message: str, task: TaskAggregate) -> Refused:
    return refuse(code, message, "/task_id", version=task.task.version)
