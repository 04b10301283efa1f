"""A month, and how much of it has passed."""

from datetime import date

from services.ranking.facts.domain.period import INSTANT, Period, Window
from tests.story import moment

OCTOBER = Period(2026, 10)


def test_a_month_ends_at_midnight_in_beijing():
    assert (OCTOBER.start, OCTOBER.end) == (moment("2026-10-01 00:00"), moment("2026-11-01 00:00"))
    assert Period(2026, 12).next == Period(2027, 1)
    assert Period.of(moment("2026-11-01 00:00") - INSTANT) == OCTOBER
    assert Period.read(str(OCTOBER)) == OCTOBER


def test_the_last_day_is_today_or_the_months_last():
    assert Window.of(OCTOBER, moment("2026-10-08 00:00:01")).last_day == date(2026, 10, 8)
    assert Window.of(OCTOBER, moment("2026-11-20 10:00")).last_day == date(2026, 10, 31)
