"""A whole task suspended, resumed, cancelled: who may, what stands still, and how the clocks go on (§2)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.commands.assignment import Close, Report
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.events.assignment import AssignmentDueChanged
from contracts.terms import AssignmentState, DueChangeCause, TaskState
from services.tasks.assignments.domain import review, suspension, work
from tests.tasks.assignments.builders import (
    HELPER,
    LEAD,
    LEADER,
    NOW,
    SUPERVISOR,
    TIMETABLE,
    clerk_of,
    code,
    evolve,
    id_of,
    issued,
)
from tests.tasks.assignments.test_assignment import standing

CALENDAR = TIMETABLE.calendar
LATER = NOW + timedelta(days=14)


def suspended(task, now=NOW):
    return done(task, suspension.suspend(task, whole(Suspend, task), now), now)


def resumed(task, now=LATER):
    return done(task, suspension.resume(task, whole(Resume, task), now, TIMETABLE), now)


def done(task, events, now):
    assert code(events) == ""
    return evolve(task, events, now)


def whole(command, task, by=SUPERVISOR, **more):
    return command(actor=by, task_id=task.task.task_id, reason="汛期停工", **more)


def report(task):
    return Report(actor=clerk_of(HELPER), assignment_id=id_of(task, HELPER), percent=50, text="已按要求办理")


def test_a_clock_that_ended_while_all_stood_still_leaves_the_next_working_day():
    task = issued()
    due = task.lead.clocks[0].due
    evening = due + timedelta(hours=2)
    part = resumed(suspended(task, due - timedelta(hours=8)), evening).lead
    assert evening < part.clocks[0].due <= evening + timedelta(days=4)


def test_a_suspended_task_keeps_its_state_and_takes_no_step_until_it_is_resumed():
    task = standing(issued(), HELPER, AssignmentState.WORKING)
    still = suspended(task)
    assert (still.task.state, still.task.paused_at) == (task.task.state, NOW)
    assert code(work.report(still, report(still), NOW)) == "suspended"
    again = resumed(still)
    assert again.task.paused_at is None
    assert code(work.report(again, report(again), LATER)) == ""


def test_what_was_to_come_moves_by_the_working_days_lost_and_the_original_stays():
    task = issued()
    again = resumed(suspended(task))
    lost = CALENDAR.workdays_between(NOW.date(), LATER.date())
    assert lost == 10
    for before, after in zip(task.lead.clocks, again.lead.clocks, strict=True):
        assert CALENDAR.workdays_between(before.due.date(), after.due.date()) == lost
        assert after.due.hour == before.due.hour
    assert again.lead.original_due == task.lead.original_due
    assert again.lead.rated_due == again.lead.due
    assert again.task.deadline.due == again.lead.due


def test_a_clock_that_had_run_out_stays_run_out():
    task = issued()
    stopped = max(clock.due for clock in task.lead.clocks[:-1]) + timedelta(minutes=1)
    events = suspension.resume(
        still := suspended(task, stopped), whole(Resume, still), stopped + timedelta(days=14), TIMETABLE
    )
    moved = [event for event in events if isinstance(event, AssignmentDueChanged)]
    assert {event.clock for event in moved} == {task.lead.resolving.kind}
    assert {event.cause for event in moved} == {DueChangeCause.SUSPENSION}


def test_a_task_resumed_before_a_working_day_is_lost_moves_nothing():
    events = suspension.resume(still := suspended(issued()), whole(Resume, still), NOW, TIMETABLE)
    assert not [event for event in events if isinstance(event, AssignmentDueChanged)]


@given(st.integers(0, 60 * 24), st.integers(0, 60 * 24))
def test_a_suspension_never_takes_time_away(worked, hours):
    start = NOW + timedelta(hours=worked)
    task = issued()
    again = resumed(suspended(task, start), start + timedelta(hours=hours))
    for before, after in zip(task.lead.clocks, again.lead.clocks, strict=True):
        assert after.due >= before.due


def test_cancelling_ends_every_open_part_and_nothing_can_follow():
    task = standing(issued(), HELPER, AssignmentState.WORKING)
    ended = done(task, suspension.cancel(task, whole(Cancel, task), NOW), NOW)
    assert (ended.task.state, ended.task.closed_at) == (TaskState.CANCELLED, NOW)
    assert {part.state for part in ended.assignments} == {AssignmentState.CANCELLED}
    assert code(work.report(ended, report(ended), NOW)) == "cancelled"
    assert code(review.close(ended, Close(actor=SUPERVISOR, assignment_id=id_of(ended, LEAD)), NOW)) == "cancelled"
    for command, decide in ((Suspend, suspension.suspend), (Cancel, suspension.cancel)):
        assert code(decide(ended, whole(command, ended), NOW)) == "cancelled"


def test_a_suspended_task_may_be_cancelled():
    task = suspended(issued())
    ended = done(task, suspension.cancel(task, whole(Cancel, task), LATER), LATER)
    assert (ended.task.state, ended.task.paused_at) == (TaskState.CANCELLED, None)


@pytest.mark.parametrize("command", [Suspend, Cancel])
def test_only_the_issuers_head_and_its_leader_may(command):
    task = issued()
    decide = {Suspend: suspension.suspend, Cancel: suspension.cancel}[command]
    assert code(decide(task, whole(command, task, clerk_of(LEAD)), NOW)) == "forbidden"
    assert code(decide(task, whole(command, task, expected_version=task.task.version + 1), NOW)) == "stale"
    assert code(decide(task, whole(command, task, LEADER), NOW)) == ""


def test_each_step_is_refused_where_it_has_been_done_or_has_nothing_to_undo():
    task = issued()
    assert code(suspension.resume(task, whole(Resume, task), NOW, TIMETABLE)) == "not_suspended"
    still = suspended(task)
    assert code(suspension.suspend(still, whole(Suspend, still), NOW)) == "suspended"
