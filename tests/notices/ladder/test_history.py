"""What stops and restarts reply clocks, read from the difference of two states of an assignment (R3)."""

from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.terms import ReportKind
from services.notices.ladder.domain.escalation import ActivityKind, activity
from tests.story import Story, moment
from tests.story.province import YAODU_REFORM

REPORTED, REWORKED = ActivityKind.REPORTED, ActivityKind.REWORKED
SUSPENDED, RESUMED = ActivityKind.SUSPENDED, ActivityKind.RESUMED


def history(story: Story) -> list[ActivityKind]:
    """Every activity of a story of one assignment, as the service derives it."""
    result, states = [], {}
    for event in (event for event in story.events if isinstance(event, AssignmentEvent)):
        id, before = event.assignment.assignment_id, states.get(event.assignment.assignment_id)
        imported = getattr(event, "kind", None) is ReportKind.IMPORTED
        if before and (each := activity(before, event.assignment, event.time, imported)):
            result.append(each.kind)
        states[id] = event.assignment
    return result


def begun() -> tuple[Story, object]:
    story = Story("2026-09-01 10:00")
    return story, story.register(lead=YAODU_REFORM, deadline="2026-11-30")


def test_an_acknowledgement_and_a_new_due_date_stop_nothing():
    story, matter = begun()
    story.later(hours=1)
    matter.acknowledge()
    story.later(hours=1)
    matter.change_due("2026-12-15 18:00")
    assert history(story) == []


def test_every_report_stops_a_clock_a_submission_too_and_a_rejection_restarts_it():
    story, matter = begun()
    matter.acknowledge()
    for step in (matter.deploy, lambda: matter.report(40), matter.complete, matter.rework):
        story.later(days=1)
        step()
    assert history(story) == [REPORTED, REPORTED, REPORTED, REWORKED]


def test_a_suspension_freezes_the_clock_and_its_end_gives_the_rest_back():
    story, matter = begun()
    story.later(days=1)
    matter.suspend()
    story.later(days=8)
    matter.resume()
    assert history(story) == [SUSPENDED, RESUMED]


def test_the_end_of_a_task_stops_nothing_that_still_runs():
    story, matter = begun()
    matter.acknowledge()
    story.later(days=1)
    matter.suspend()
    story.later(days=1)
    matter.cancel()
    assert history(story) == [SUSPENDED]


def test_a_figure_that_came_with_the_ledger_answers_nobody():
    story = Story("2026-11-23 10:00")
    story.register(lead=YAODU_REFORM, t0="2026-09-01 10:00", percent=40, historical_before=moment("2026-11-23 10:00"))
    assert any(not isinstance(event, AssignmentIssued) for event in story.events if isinstance(event, AssignmentEvent))
    assert history(story) == []
