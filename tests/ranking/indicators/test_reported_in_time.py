"""按时反馈: the first feedback, and one report a month."""

from collections.abc import Callable

import pytest

from contracts.terms import Indicator
from services.ranking.facts.domain.period import INSTANT, Period
from tests.ranking.outcomes import DONE, LATER, MISSED, NOTHING, NOVEMBER, OCTOBER, SEPTEMBER, counted
from tests.story import Matter, Story, moment
from tests.story.province import YAODU

AUGUST = Period(2026, 8)


def reported(matter: Matter, period: Period = OCTOBER, now=LATER) -> tuple[int, int]:
    return counted(matter, Indicator.REPORTED_IN_TIME, period, now)


def issued(at: str, deadline: str = "2026年12月1日", **fields) -> Matter:
    """With the unit since then."""
    matter = Story(at).register(lead=YAODU, deadline=deadline, **fields)
    matter.acknowledge()
    return matter


@pytest.mark.parametrize(("step", "counts"), [(Matter.report, DONE), (Matter.complete, DONE), (Matter.deploy, MISSED)])
def test_feedback_is_the_first_progress(step: Callable[[Matter], object], counts):
    matter = issued("2026-10-12 10:00")
    matter.story.at("2026-10-13 10:00")
    step(matter)
    assert reported(matter) == counts


def test_the_progress_a_ledger_came_with_is_feedback():
    matter = Story("2026-10-12 10:00").register(lead=YAODU, percent=30)
    assert reported(matter) == DONE


def test_whoever_has_a_matter_when_the_month_begins_owes_a_report_in_it():
    matter = issued("2026-09-10 10:00")
    assert reported(matter) == MISSED
    matter.story.at("2026-10-31 23:00")
    matter.deploy()
    assert reported(matter) == DONE


def test_the_months_report_is_missed_only_when_the_month_is_over():
    matter = issued("2026-09-10 10:00")
    end = moment("2026-11-01 00:00")
    assert reported(matter, now=end - INSTANT) == NOTHING
    assert reported(matter, now=end) == MISSED


def test_no_report_is_owed_in_the_month_of_issue_nor_while_a_submission_is_reviewed():
    matter = issued("2026-08-26 10:00")
    matter.report(10)
    matter.story.at("2026-09-29 10:00")
    matter.complete()
    assert reported(matter, AUGUST) == DONE  # the first feedback alone
    assert reported(matter, SEPTEMBER) == DONE
    assert reported(matter, OCTOBER) == NOTHING


def test_what_came_back_is_owed_a_report_from_the_next_month_on():
    matter = issued("2026-08-26 10:00")
    matter.story.at("2026-09-29 10:00")
    matter.complete()
    matter.story.at("2026-10-05 10:00")
    matter.rework()
    assert reported(matter, OCTOBER) == NOTHING
    assert reported(matter, NOVEMBER) == MISSED


def test_a_suspension_is_no_report():
    matter = issued("2026-09-01 10:00")
    matter.story.at("2026-10-10 10:00")
    matter.suspend()
    matter.story.at("2026-10-11 10:00")
    matter.resume()
    assert reported(matter) == MISSED
    matter.story.at("2026-10-30 10:00")
    matter.complete()
    assert reported(matter) == DONE


def test_no_report_is_owed_in_a_month_that_was_suspended_throughout():
    matter = issued("2026-08-20 10:00")
    matter.report(10)
    matter.story.at("2026-09-10 10:00")
    matter.suspend()
    matter.story.at("2026-11-03 10:00")
    matter.resume()
    assert reported(matter, OCTOBER) == NOTHING
    assert reported(matter, NOVEMBER) == NOTHING
