"""按时办结: won at the closure, lost at the original due date."""

import pytest

from contracts.terms import DueChangeCause, Indicator
from services.ranking.facts.domain.period import Period
from tests.ranking.outcomes import DONE, LATER, MISSED, NOTHING, NOVEMBER, OCTOBER, SEPTEMBER, counted, outcome_of
from tests.story import Matter, Story
from tests.story.province import YAODU


def closed(matter: Matter, period: Period = OCTOBER, now: str = LATER) -> tuple[int, int]:
    return counted(matter, Indicator.CLOSED_IN_TIME, period, now)


def at_work(deadline: str, start: str = "2026-09-01 10:00") -> Matter:
    matter = Story(start).register(lead=YAODU, deadline=deadline)
    matter.acknowledge()
    return matter


def steps(matter: Matter, **moments: str) -> None:
    """Each step at its moment."""
    for step, text in moments.items():
        matter.story.at(f"2026-{text}")
        getattr(matter, step.rstrip("_"))()


def test_a_closure_counts_when_it_is_closed_and_was_submitted_on_time():
    matter = at_work("2026年9月30日")
    steps(matter, complete="09-30 18:00")
    assert closed(matter, SEPTEMBER) == NOTHING
    steps(matter, verify="10-08 10:00", close="10-09 10:00")
    assert closed(matter, SEPTEMBER) == NOTHING
    assert closed(matter, OCTOBER) == DONE


def test_an_extension_does_not_move_the_date_it_is_judged_by():
    matter = at_work("2026年10月15日")
    matter.story.at("2026-10-14 10:00")
    matter.change_due("2026-11-20 18:00")
    steps(matter, complete="10-20 10:00", verify="10-21 10:00", close="10-25 10:00")
    assert closed(matter) == MISSED


def test_an_on_time_submission_sent_back_after_the_due_date_is_lost_then():
    matter = at_work("2026年9月30日")
    steps(matter, complete="09-30 10:00", rework="10-05 10:00")
    assert closed(matter, SEPTEMBER) == NOTHING
    assert closed(matter, OCTOBER) == MISSED
    steps(matter, complete="11-03 10:00", verify="11-04 10:00", close="11-05 10:00")
    assert closed(matter, OCTOBER) == MISSED
    assert closed(matter, NOVEMBER) == NOTHING


def test_one_sent_back_before_the_due_date_may_still_win():
    matter = at_work("2026年10月15日")
    steps(matter, complete="10-02 10:00", rework="10-05 10:00")
    steps(matter, complete="10-15 18:00", verify="10-19 10:00", close="10-20 10:00")
    assert closed(matter) == DONE


def test_one_sent_back_before_the_due_date_is_lost_only_when_that_passes():
    matter = at_work("2026年10月15日")
    steps(matter, complete="09-28 10:00", rework="09-29 10:00")
    assert closed(matter, SEPTEMBER) == NOTHING
    assert closed(matter, OCTOBER, "2026-10-15 17:00") == NOTHING
    assert closed(matter, OCTOBER) == MISSED


def test_what_has_no_due_date_is_never_judged_by_one():
    matter = at_work("持续推进")
    steps(matter, complete="10-05 10:00", verify="10-06 10:00", close="10-06 11:00")
    assert closed(matter) == NOTHING


def test_a_date_given_later_to_what_had_none_is_not_its_original():
    matter = at_work("持续推进")
    matter.story.at("2026-10-05 10:00")
    matter.change_due("2026-10-10 18:00", cause=DueChangeCause.RESOLUTION_PLAN)
    assert closed(matter) == NOTHING


def test_an_imported_matter_counts_from_its_import_on():
    story = Story("2026-10-10 10:00")
    matter = story.register(
        lead=YAODU, deadline="2026年10月30日", t0="2026-09-28 10:00", historical_before="2026-10-10 10:00"
    )
    assert closed(matter, OCTOBER) == MISSED
    assert outcome_of(matter, SEPTEMBER) is None


def test_what_was_overdue_when_it_was_issued_counts_in_that_month():
    matter = Story("2026-10-03 10:00").register(lead=YAODU, deadline="2026年9月20日", t0="2026-09-01 10:00")
    assert closed(matter, OCTOBER) == MISSED


def test_an_original_date_missed_before_a_suspension_stays_missed_whatever_the_extension():
    matter = at_work("2026年9月30日")
    matter.story.at("2026-09-28 10:00")
    matter.change_due("2026-10-20 18:00")
    steps(matter, suspend="10-10 10:00", resume="10-11 10:00", complete="10-19 10:00", verify="10-20 10:00")
    steps(matter, close="10-25 10:00")
    assert closed(matter, SEPTEMBER) == MISSED
    assert closed(matter, OCTOBER) == NOTHING


def test_a_suspension_moves_the_date_it_is_judged_by():
    matter = at_work("2026年10月15日")
    steps(matter, suspend="10-12 10:00", resume="10-20 10:00", complete="10-22 10:00", verify="10-23 10:00")
    steps(matter, close="10-25 10:00")
    assert closed(matter) == DONE


@pytest.mark.parametrize("late", ["2026-10-15 18:00:00.000001", "2026-10-16 09:00"])
def test_a_submission_after_the_due_date_is_missed_at_the_due_date(late):
    matter = at_work("2026年10月15日")
    matter.story.at(late)
    matter.complete()
    assert closed(matter, now="2026-10-15 18:00") == NOTHING
    assert closed(matter) == MISSED
