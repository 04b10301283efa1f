"""What the issuing office's head does with a whole task: suspend it, let it go on, cancel it (§2)."""

from datetime import datetime

from contracts.assignment import IN_HAND, OPEN, Clock
from contracts.commands.task import Cancel, Resume, Suspend, TaskCommand
from contracts.envelope import ActorRole
from contracts.events.assignment import (
    AssignmentCancelled,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentResumed,
    AssignmentSuspended,
)
from contracts.refusals import Refused
from contracts.terms import AssignmentState, DueChangeCause, TaskState
from contracts.workdays import closing, day_of, due_on
from services.tasks.assignments.domain.assignment import Assignment, event_of, evolve
from services.tasks.assignments.domain.due import due_changed
from services.tasks.assignments.domain.guard import Decision, forbidden
from services.tasks.assignments.domain.task import Task
from services.tasks.register.domain.timetable import Timetable

ENDED = {TaskState.CLOSED: ("closed", "该事项已销号"), TaskState.CANCELLED: ("cancelled", "该事项已撤销")}


def suspend(task: Task, command: Suspend, now: datetime) -> Decision:
    """Every open part stands still, whatever its state; lights stay as they are."""
    refused = _not_by(task, command) or _ended(task) or _already(task)
    if refused:
        return refused
    person, reason = command.actor.person, command.reason
    still = [evolve(part, paused_at=now) for part in _open(task)]
    return tuple(event_of(AssignmentSuspended, part, person, now, reason=reason) for part in still)


def resume(task: Task, command: Resume, now: datetime, timetable: Timetable) -> Decision:
    """Work goes on: what was still to come moves by the working days lost, what had run out stays so."""
    refused = _not_by(task, command) or _ended(task) or _running(task)
    if refused:
        return refused
    return tuple(event for part in task.parts if part.paused_at for event in _resumed(part, command, now, timetable))


def cancel(task: Task, command: Cancel, now: datetime) -> Decision:
    """Every open part ends; one whose lead was written off can only be written off."""
    refused = _not_by(task, command) or _ended(task) or _lead_closed(task)
    if refused:
        return refused
    state, person, reason = AssignmentState.CANCELLED, command.actor.person, command.reason
    ended = [evolve(part, state=state, paused_at=None, closed_at=now) for part in _open(task)]
    return tuple(event_of(AssignmentCancelled, part, person, now, reason=reason) for part in ended)


def _resumed(part: Assignment, command: Resume, now: datetime, timetable: Timetable) -> list[AssignmentEvent]:
    """The clocks move while the part still stands still, so that nothing is judged by a date about to move."""
    said: list[AssignmentEvent] = []
    for clock in part.clocks:
        moved = _by_days_lost(clock, part, now, timetable)
        if moved.due != clock.due:
            said.append(_moves(part, clock, moved, command, now))
            part = said[-1].assignment
    back = evolve(part, paused_at=None, in_hand_since=now if part.state in IN_HAND else part.in_hand_since)
    said.append(event_of(AssignmentResumed, back, command.actor.person, now, reason=command.reason))
    return said


def _by_days_lost(clock: Clock, part: Assignment, now: datetime, timetable: Timetable) -> Clock:
    """The clock as many working days later as passed since the suspension; one that had run out by then stays."""
    if clock.due is None or part.paused_at is None or clock.due <= part.paused_at:
        return clock
    calendar, told = timetable.calendar, day_of(clock.due)
    lost = calendar.workdays_between(day_of(part.paused_at), day_of(now))
    policy, day = timetable.policy_of(clock.policy_version), calendar.add_workdays(told, lost)
    if closing(day, policy) <= now:  # it ended while nothing could be done: the next working day is left for it
        day = calendar.add_workdays(day_of(now), 1)
    if day == told:
        return clock
    due = due_on(day, policy).due
    return clock.model_copy(update={"due": due, "provisional": calendar.provisional_within(told, day)})


def _moves(part: Assignment, clock: Clock, moved: Clock, command: Resume, now: datetime) -> AssignmentDueChanged:
    """The clock moves, and the resolving one's original end by as much, unless that had passed at the suspension."""
    new = {"due": moved.due, "provisional": moved.provisional}
    reason = "暂停办理期间的工作日顺延"
    event = due_changed(part, clock, new, DueChangeCause.SUSPENSION, command.actor.person, now, reason)
    rated, paused = part.rated_due, part.paused_at
    if clock is not part.resolving or not (rated and paused and rated > paused and moved.due and clock.due):
        return event
    after = event.assignment.model_copy(update={"rated_due": rated + (moved.due - clock.due)})
    return event.model_copy(update={"assignment": after})


def _open(task: Task) -> tuple[Assignment, ...]:
    return tuple(part for part in task.parts if part.state in OPEN)


def _not_by(task: Task, command: TaskCommand) -> Refused | None:
    if command.actor.unit != task.issuer or not command.actor.may(ActorRole.SUPERVISOR, ActorRole.LEADER):
        return forbidden("只有交办单位的督查室主任或领导可以办理")
    if command.expected_version in (None, task.version):
        return None
    message = f"该事项已更新到第 {task.version} 版，您看到的是第 {command.expected_version} 版，请刷新后重试"
    return Refused(code="stale", message=message, pointer="/expected_version", version=task.version)


def _ended(task: Task) -> Refused | None:
    if task.state not in ENDED:
        return None
    code, message = ENDED[task.state]
    return _refused(code, f"{message}，不再接收任何操作", task)


def _already(task: Task) -> Refused | None:
    return _refused("suspended", "该事项已经暂停办理", task) if task.paused else None


def _running(task: Task) -> Refused | None:
    return None if task.paused else _refused("not_suspended", "该事项没有暂停办理，无须恢复", task)


def _lead_closed(task: Task) -> Refused | None:
    if task.lead.state is not AssignmentState.CLOSED:
        return None
    return _refused("lead_closed", "牵头单位的部分已经销号，该事项只能逐项销号，不能撤销", task)


def _refused(code: str, message: str, task: Task) -> Refused:
    return Refused(code=code, message=message, pointer="/task_id", version=task.version)
