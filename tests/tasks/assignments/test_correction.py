"""A percentage typed wrongly is put right: by whom, until when, and what it leaves (§2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts.commands.assignment import CorrectReport
from contracts.envelope import Actor
from contracts.refusals import Kind
from contracts.terms import AssignmentState
from contracts.workdays import closing
from services.tasks.assignments.domain import review, work
from services.tasks.assignments.domain.correction import correct_report
from services.tasks.assignments.domain.task import TaskAggregate
from tests.tasks.assignments.builders import (
    DAY,
    HELPER,
    INSPECTOR,
    LEAD,
    LEADER,
    NOW,
    SUPERVISOR,
    TIMETABLE,
    at_unit,
    clerk_of,
    code,
    evolve,
    head_of,
    id_of,
    issued,
    task_of,
)
from tests.tasks.assignments.builders import draft as draft_of
from tests.tasks.assignments.test_assignment import done, report, rework, standing, step

LAST = closing(date(2026, 11, 26))
"""The end of the third working day after NOW."""


def correction(task: TaskAggregate, percent: float = 20, by: Actor | None = None, **more: object) -> CorrectReport:
    head = by or head_of(HELPER)
    return CorrectReport(actor=head, assignment_id=id_of(task, HELPER), percent=percent, reason="填报笔误", **more)


@pytest.fixture
def task() -> TaskAggregate:
    """The helper is at 100 by mistake."""
    return done(issued(), HELPER)


def test_a_correction_may_lower_and_the_unit_goes_on_from_there(task):
    (event,) = correct_report(task, correction(task), NOW, TIMETABLE)
    assert (event.previous, event.percent, event.reason) == (Decimal(100), Decimal(20), "填报笔误")
    task, advanced = task.evolve([event], NOW)
    assert [each.task.percent for each in advanced] == [Decimal("10.00")]
    assert at_unit(task, HELPER).percent == 20
    assert code(work.report(task, report(HELPER, task, 19), NOW)) == "percent_falls"
    assert at_unit(step(task, work.report, report(HELPER, task, 30)), HELPER).percent == 30


def test_the_units_head_has_three_working_days_and_the_office_comes_after_them(task):
    later = LAST + timedelta(seconds=1)
    assert code(correct_report(task, correction(task), LAST, TIMETABLE)) == ""
    for overseer in (INSPECTOR, SUPERVISOR):
        early = correct_report(task, correction(task, by=overseer), LAST, TIMETABLE)
        assert (early.code, early.kind) == ("correction_early", Kind.CONFLICT)
        assert code(correct_report(task, correction(task, by=overseer), later, TIMETABLE)) == ""
    late = correct_report(task, correction(task), later, TIMETABLE)
    assert late.code == "correction_late" and "省政府办公厅" in late.message


def test_nobody_else_corrects(task):
    for stranger in (clerk_of(HELPER), head_of(LEAD), clerk_of(LEAD), LEADER):
        for now in (NOW, LAST + DAY):
            assert code(correct_report(task, correction(task, by=stranger), now, TIMETABLE)) == "forbidden"


@pytest.mark.parametrize("state", [AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED])
def test_what_is_submitted_is_corrected_no_more(task, state):
    ended = standing(task, HELPER, state)
    assert code(correct_report(ended, correction(ended), NOW, TIMETABLE)) == state


def test_there_must_be_a_figure_and_another_one(task):
    fresh = standing(issued(), HELPER, AssignmentState.ACKNOWLEDGED)
    assert code(correct_report(fresh, correction(fresh), NOW, TIMETABLE)) == "nothing_to_correct"
    assert code(correct_report(task, correction(task, 100), NOW, TIMETABLE)) == "percent_unchanged"
    stale = correct_report(task, correction(task, expected_version=1), NOW, TIMETABLE)
    assert stale.kind is Kind.STALE


def test_a_correction_moves_nothing_but_the_figure(task):
    before = at_unit(task, HELPER)
    (event,) = correct_report(task, correction(task), NOW + DAY, TIMETABLE)
    kept = {"percent", "percent_before", "version", "stated"}
    assert event.assignment.model_dump(exclude=kept) == before.model_dump(exclude=kept)


def test_the_figure_of_a_ledger_is_corrected_by_the_office_once_the_units_days_are_over():
    task = task_of(draft_of(percent=Decimal(60), as_of=NOW - 30 * DAY))
    assert code(correct_report(task, correction(task), NOW, TIMETABLE)) == "correction_late"
    assert code(correct_report(task, correction(task, by=INSPECTOR), NOW, TIMETABLE)) == ""


def test_a_rework_after_a_corrected_hundred_returns_to_what_stood_before_it():
    task = standing(issued(), HELPER, AssignmentState.WORKING)
    task = evolve(task, correct_report(task, correction(task, 100), NOW, TIMETABLE))
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    assert at_unit(step(task, review.rework, rework(HELPER, task)), HELPER).percent == 50
