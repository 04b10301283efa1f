"""A whole task suspended, resumed, cancelled: who may, what stands still, and how the clocks go on (§2)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.tasks.domain import review, suspension, work

from contracts.commands.assignment import Close, Report
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.events.assignment import AssignmentDueChanged
from contracts.terms import AssignmentState, DueChangeCause, TaskState
from contracts.workdays import Calendar
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain.timetable import Timetable
from tests.tasks.parts import (
    HELPER,
    LEAD,
    NOW,
    SUPERVISOR,
    clerk,
    code,
    given_out,
    id_of,
    task_after,
)
from tests.tasks.test_assignment import standing

CALENDAR = Calendar.of(calendar_days(2026, 2027))
TIMETABLE = Timetable(CALENDAR, ())
LATER = NOW + timedelta(days=14)


def suspended(task, now=NOW):
    return done(task, suspension.suspend(task, wish(Suspend, task), now), now)


def resumed(task, now=LATER):
    return done(task, suspension.resume(task, wish(Resume, task), now, TIMETABLE), now)


def done(task, said, now):
    assert code(said) == ""
    return task_after([*said, *task.after(said).advanced(now)], task)


def wish(command, task, by=SUPERVISOR, **more):
    return command(actor=by, task_id=task.task_id, reason="汛期停工", **more)


def report(task):
    return Report(actor=clerk(HELPER), assignment_id=id_of(task, HELPER), percent=50, text="已按要求办理")


def test_a_clock_that_ended_while_all_stood_still_leaves_the_next_working_day():
    task = given_out()
    due = task.lead.clocks[0].due
    evening = due + timedelta(hours=2)
    part = resumed(suspended(task, due - timedelta(hours=8)), evening).lead
    assert evening < part.clocks[0].due <= evening + timedelta(days=4)


def test_a_suspended_task_keeps_its_state_and_takes_no_step_until_it_is_resumed():
    task = standing(given_out(), HELPER, AssignmentState.WORKING)
    still = suspended(task)
    assert (still.state, still.paused) == (task.state, True)
    assert code(work.report(still, report(still), NOW)) == "suspended"
    again = resumed(still)
    assert not again.paused
    assert code(work.report(again, report(again), LATER)) == ""


def test_what_was_to_come_moves_by_the_working_days_lost_and_the_original_stays():
    task = given_out()
    again = resumed(suspended(task))
    lost = CALENDAR.workdays_between(NOW.date(), LATER.date())
    assert lost == 10
    for before, after in zip(task.lead.clocks, again.lead.clocks, strict=True):
        assert CALENDAR.workdays_between(before.due.date(), after.due.date()) == lost
        assert after.due.hour == before.due.hour
    assert again.lead.original_due == task.lead.original_due


def test_a_clock_that_had_run_out_stays_run_out():
    task = given_out()
    stopped = max(clock.due for clock in task.lead.clocks[:-1]) + timedelta(minutes=1)
    said = suspension.resume(
        still := suspended(task, stopped), wish(Resume, still), stopped + timedelta(days=14), TIMETABLE
    )
    moved = [event for event in said if isinstance(event, AssignmentDueChanged)]
    assert {event.clock for event in moved} == {task.lead.resolving.kind}
    assert {event.cause for event in moved} == {DueChangeCause.SUSPENSION}


def test_a_task_resumed_before_a_working_day_is_lost_moves_nothing():
    said = suspension.resume(still := suspended(given_out()), wish(Resume, still), NOW, TIMETABLE)
    assert not [event for event in said if isinstance(event, AssignmentDueChanged)]


@given(st.integers(0, 60 * 24), st.integers(0, 60 * 24))
def test_a_suspension_never_takes_time_away(worked, hours):
    start = NOW + timedelta(hours=worked)
    task = given_out()
    again = resumed(suspended(task, start), start + timedelta(hours=hours))
    for before, after in zip(task.lead.clocks, again.lead.clocks, strict=True):
        assert after.due >= before.due


def test_cancelling_ends_every_open_part_and_nothing_can_follow():
    task = standing(given_out(), HELPER, AssignmentState.WORKING)
    ended = done(task, suspension.cancel(task, wish(Cancel, task), NOW), NOW)
    assert ended.state is TaskState.CANCELLED
    assert {part.state for part in ended.parts} == {AssignmentState.CANCELLED}
    assert code(work.report(ended, report(ended), NOW)) == "cancelled"
    assert code(review.close(ended, Close(actor=SUPERVISOR, assignment_id=id_of(ended, LEAD)), NOW)) == "cancelled"
    for command, decide in ((Suspend, suspension.suspend), (Cancel, suspension.cancel)):
        assert code(decide(ended, wish(command, ended), NOW)) == "cancelled"


def test_a_suspended_task_may_be_cancelled():
    task = suspended(given_out())
    ended = done(task, suspension.cancel(task, wish(Cancel, task), LATER), LATER)
    assert (ended.state, ended.paused) == (TaskState.CANCELLED, False)


@pytest.mark.parametrize("command", [Suspend, Cancel])
def test_only_the_issuers_head_may(command):
    task = given_out()
    decide = {Suspend: suspension.suspend, Cancel: suspension.cancel}[command]
    assert code(decide(task, wish(command, task, clerk(LEAD)), NOW)) == "forbidden"
    assert code(decide(task, wish(command, task, expected_version=task.version + 1), NOW)) == "stale"


def test_each_step_is_refused_where_it_has_been_done_or_has_nothing_to_undo():
    task = given_out()
    assert code(suspension.resume(task, wish(Resume, task), NOW, TIMETABLE)) == "not_suspended"
    still = suspended(task)
    assert code(suspension.suspend(still, wish(Suspend, still), NOW)) == "suspended"
