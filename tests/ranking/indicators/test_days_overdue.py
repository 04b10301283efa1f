"""逾期天数: midnights passed while OVERDUE."""

import pytest

from contracts.terms import Indicator
from tests.ranking.outcomes import LATER, outcome_of
from tests.story import Matter, Story
from tests.story.province import YAODU


@pytest.fixture
def matter() -> Matter:
    return Story("2026-09-01 10:00").register(lead=YAODU, deadline="2026年9月30日")


def days(matter: Matter, *overdue: str, now: str = LATER) -> int:
    """Those of October; `overdue`: when the light became so, ceased to be, …"""
    outcome = outcome_of(matter, now=now, overdue=tuple(f"2026-{text}" for text in overdue))
    assert outcome is not None
    numerator, denominator = outcome.counts[Indicator.DAYS_OVERDUE]
    assert denominator == 1
    return numerator


def test_a_day_overdue_is_a_midnight_passed_while_red(matter: Matter):
    assert days(matter) == 0
    assert days(matter, "10-05 18:00", "10-05 23:00") == 0
    assert days(matter, "10-05 18:00", "10-06 09:00") == 1
    assert days(matter, "09-05 10:00", "10-02 09:00") == 1
    assert days(matter, "09-05 10:00") == 31
    assert days(matter, "09-05 10:00", "09-25 10:00") == 0
    assert days(matter, "11-05 10:00") == 0
    assert days(matter, "10-05 18:00", now="2026-10-08 09:00") == 3
    assert days(matter, "10-05 10:00", "10-07 10:00", "10-09 10:00", "10-10 10:00") == 3


def test_days_are_not_counted_while_it_is_suspended(matter: Matter):
    matter.story.at("2026-10-10 10:00")
    matter.suspend()
    matter.story.at("2026-10-20 10:00")
    matter.resume()
    around, begun, within = (
        ("10-05 10:00", "10-25 10:00"),
        ("10-15 10:00", "10-25 10:00"),
        ("10-12 10:00", "10-13 10:00"),
    )
    assert [days(matter, *span) for span in (around, begun, within)] == [10, 5, 0]
    assert days(matter, "10-05 10:00", "10-08 10:00") == 3
    assert days(matter, "10-05 10:00") == 17


def test_what_is_red_at_the_end_is_overdue(matter: Matter):
    def overdue(*turns: str) -> bool:
        outcome = outcome_of(matter, overdue=tuple(f"2026-{text}" for text in turns))
        return outcome is not None and outcome.overdue

    assert overdue("10-05 10:00")
    assert overdue("10-05 10:00", "11-01 00:00")
    assert not overdue("10-05 10:00", "10-31 23:00")
    assert not overdue("11-01 00:00")
