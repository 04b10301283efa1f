"""The legal clock: golden vectors of R1, and what must hold for every calendar, policy and moment."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.workdays import (
    DEFAULT_POLICY,
    ZONE,
    Calendar,
    CalendarDay,
    ClockKind,
    ClockPolicy,
    DayUnit,
    Deadline,
    FirstClock,
    Span,
    Weight,
    clock_due,
    clocks_of,
    closing,
    day_of,
    deadline_of,
    due_in,
    due_on,
    opening,
)
from services.tasks.register.calendar_seed import calendar_days

CALENDAR = Calendar.of(calendar_days(2024, 2030))
UNIT_CLOCKS = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D)
STANDING = (*UNIT_CLOCKS, ClockKind.RESOLVE_1M)
NATURAL = ClockPolicy(unit=DayUnit.NATURAL)
SAME_DAY = ClockPolicy(first_clock=FirstClock.SAME_DAY)
CUTOFF = ClockPolicy(cutoff=time(17, 30))

GOLDEN = """
2025-09-26  2025-09-28  2025-09-30  2025-10-13  2025-10-27
2025-09-30  2025-10-09  2025-10-11  2025-10-16  2025-10-30
2025-10-03  2025-10-09  2025-10-11  2025-10-16  2025-11-03
2026-01-02  2026-01-04  2026-01-06  2026-01-12  2026-02-02
2026-01-31  2026-02-02  2026-02-04  2026-02-10  2026-02-28
2026-02-13  2026-02-14  2026-02-25  2026-03-02  2026-03-13
2026-02-14  2026-02-24  2026-02-26  2026-03-03  2026-03-16
2026-04-30  2026-05-06  2026-05-08  2026-05-13  2026-06-01
2026-09-18  2026-09-20  2026-09-22  2026-09-29  2026-10-19
2026-11-23  2026-11-24  2026-11-26  2026-12-02  2026-12-23
2026-12-28  2026-12-29  2026-12-31  2027-01-07  2027-01-28
"""
VECTORS = [
    (date.fromisoformat(t0), kind, date.fromisoformat(due))
    for t0, *dues in map(str.split, GOLDEN.strip().splitlines())
    for kind, due in zip(STANDING, dues, strict=True)
]

moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(ZONE))  # noqa: DTZ001
entries = st.builds(
    CalendarDay,
    date=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    is_workday=st.booleans(),
    source=st.just("test"),
    provisional=st.booleans(),
)
calendars = st.one_of(st.just(CALENDAR), st.lists(entries, max_size=40).map(Calendar.of))
policies = st.builds(
    ClockPolicy,
    unit=st.sampled_from(DayUnit),
    cutoff=st.none() | st.times(time(8), time(18)),
    eod=st.sampled_from([time(17, 30), time(18), time(23, 59)]),
)
kinds = st.sampled_from(STANDING)


def at(day: str, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), ZONE)


def due_day(deadline: Deadline) -> date:
    assert deadline.due is not None
    return day_of(deadline.due)


# The golden vectors


@pytest.mark.parametrize(("t0", "kind", "due"), VECTORS)
def test_every_golden_vector_holds(t0: date, kind: ClockKind, due: date) -> None:
    deadline = clock_due(kind, datetime.combine(t0, time(10), ZONE), CALENDAR)
    assert deadline == Deadline(kind=kind, due=closing(due), provisional=due.year == 2027, policy_version=1)


def test_a_clock_ends_at_six_in_the_evening_in_shanghai_stored_in_utc() -> None:
    due = clock_due(ClockKind.DEPLOY_1D, at("2026-11-23"), CALENDAR).due
    assert due == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert due is not None and due.tzinfo is UTC


def test_the_day_of_t0_is_the_day_in_shanghai() -> None:
    midnight_in_shanghai = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert day_of(midnight_in_shanghai) == date(2026, 11, 24)
    assert due_day(clock_due(ClockKind.DEPLOY_1D, midnight_in_shanghai, CALENDAR)) == date(2026, 11, 25)


def test_a_bare_date_counts_from_the_start_of_business() -> None:
    assert opening(date(2026, 11, 23)) == at("2026-11-23", 9)


# The policy


def test_the_default_policy_is_the_rule_as_written() -> None:
    written = ClockPolicy(version=1, unit=DayUnit.WORKING, first_clock=FirstClock.NEXT_WORKDAY, eod=time(18))
    assert written == DEFAULT_POLICY == ClockPolicy(cutoff=None)


def test_natural_days_roll_forward_to_a_working_day() -> None:
    assert due_day(clock_due(ClockKind.FEEDBACK_3D, at("2026-09-30"), CALENDAR, NATURAL)) == date(2026, 10, 8)
    assert due_day(clock_due(ClockKind.RESOLVE_7D, at("2026-11-23"), CALENDAR, NATURAL)) == date(2026, 11, 30)


def test_the_first_clock_may_end_on_the_day_of_receipt() -> None:
    assert due_day(clock_due(ClockKind.DEPLOY_1D, at("2026-11-23"), CALENDAR, SAME_DAY)) == date(2026, 11, 23)
    assert due_day(clock_due(ClockKind.DEPLOY_1D, at("2026-11-21"), CALENDAR, SAME_DAY)) == date(2026, 11, 23)
    assert due_day(clock_due(ClockKind.FEEDBACK_3D, at("2026-11-23"), CALENDAR, SAME_DAY)) == date(2026, 11, 26)


def test_a_first_clock_of_the_same_day_never_ends_before_it_began() -> None:
    assert due_day(clock_due(ClockKind.DEPLOY_1D, at("2026-11-23", 18), CALENDAR, SAME_DAY)) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("t0", "due"),
    [
        (at("2026-11-23", 17, 30), date(2026, 11, 24)),
        (at("2026-11-23", 17, 31), date(2026, 11, 25)),
        (at("2026-11-21", 10), date(2026, 11, 24)),
        (at("2026-11-21", 20), date(2026, 11, 24)),
    ],
)
def test_after_the_cutoff_or_on_a_rest_day_an_assignment_is_received_on_the_next_working_day(
    t0: datetime, due: date
) -> None:
    assert due_day(clock_due(ClockKind.DEPLOY_1D, t0, CALENDAR, CUTOFF)) == due


def test_the_policy_version_is_recorded_with_the_due_date() -> None:
    assert clock_due(ClockKind.RESOLVE_1M, at("2026-11-23"), CALENDAR, ClockPolicy(version=4)).policy_version == 4


def test_a_policy_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="不要带时区"):
        ClockPolicy(eod=time(18, tzinfo=UTC))


# The clocks of an assignment


def test_an_assignment_gets_its_clocks_from_t0_and_only_one_resolves_it() -> None:
    for weight, kind, due in (
        (Weight.ORDINARY, ClockKind.RESOLVE_7D, "2026-12-02"),
        (Weight.MAJOR, ClockKind.RESOLVE_1M, "2026-12-23"),
    ):
        resolving = deadline_of(None, at("2026-11-23"), weight, CALENDAR)
        clocks = clocks_of(resolving, at("2026-11-23"), CALENDAR)
        assert [clock.kind for clock in clocks] == [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, kind]
        assert [due_day(clock).isoformat() for clock in clocks] == ["2026-11-24", "2026-11-26", due]


def test_a_deployment_clock_cannot_be_the_resolving_one() -> None:
    with pytest.raises(ValueError, match="办结时限"):
        clocks_of(clock_due(ClockKind.DEPLOY_1D, at("2026-11-23"), CALENDAR), at("2026-11-23"), CALENDAR)


def test_a_zero_clock_has_no_due_date_but_a_yearly_review() -> None:
    zero = clock_due(ClockKind.ZERO, at("2026-11-23"), CALENDAR)
    assert (zero.due, zero.review, zero.provisional) == (None, date(2026, 12, 31), False)
    assert clock_due(ClockKind.ZERO, at("2026-12-31"), CALENDAR).review == date(2027, 12, 31)


def test_an_explicit_date_is_not_rolled_and_never_provisional() -> None:
    sunday = due_on(date(2031, 11, 30))
    assert (sunday.due, sunday.provisional) == (closing(date(2031, 11, 30)), False)


def test_a_custom_clock_has_no_length_of_its_own() -> None:
    with pytest.raises(ValueError, match="自定时限"):
        clock_due(ClockKind.CUSTOM, at("2026-11-23"), CALENDAR)


@pytest.mark.parametrize(("days", "months"), [(0, 0), (3, 1), (-1, 0), (0, -1)])
def test_a_span_is_days_or_months_and_at_least_one(days: int, months: int) -> None:
    with pytest.raises(ValueError, match="天数或月数之一"):
        Span(days=days, months=months)


def test_only_a_zero_clock_may_lack_a_due_date() -> None:
    with pytest.raises(ValidationError, match="due"):
        Deadline(kind=ClockKind.CUSTOM)
    with pytest.raises(ValidationError, match="due"):
        Deadline(kind=ClockKind.ZERO, due=at("2026-11-23"))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="必须带时区"):
        clock_due(ClockKind.DEPLOY_1D, datetime(2026, 11, 23, 10), CALENDAR)  # noqa: DTZ001


@given(moments, kinds, calendars, policies)
def test_a_clock_never_ends_on_the_day_of_t0(
    t0: datetime, kind: ClockKind, calendar: Calendar, policy: ClockPolicy
) -> None:
    assert due_day(clock_due(kind, t0, calendar, policy)) > day_of(t0)


@given(moments, kinds, calendars, policies)
def test_every_counted_clock_ends_on_a_working_day(
    t0: datetime, kind: ClockKind, calendar: Calendar, policy: ClockPolicy
) -> None:
    assert calendar.is_workday(due_day(clock_due(kind, t0, calendar, policy)))


@given(moments, calendars, st.booleans(), policies)
def test_a_first_clock_of_the_same_day_ends_after_t0_and_no_later_than_the_next_one(
    t0: datetime, calendar: Calendar, cut: bool, policy: ClockPolicy
) -> None:
    policy = policy.model_copy(update={"unit": DayUnit.WORKING, "cutoff": time(17, 30) if cut else None})
    same = policy.model_copy(update={"first_clock": FirstClock.SAME_DAY})
    early, late = (clock_due(ClockKind.DEPLOY_1D, t0, calendar, p).due for p in (same, policy))
    assert early is not None and late is not None and t0 < early <= late


@given(moments, st.integers(1, 60), st.sampled_from(DayUnit), calendars, policies)
def test_a_longer_span_never_ends_earlier(
    t0: datetime, count: int, unit: DayUnit, calendar: Calendar, policy: ClockPolicy
) -> None:
    shorter, longer = (due_in(Span(days=n, unit=unit), t0, calendar, policy).due for n in (count, count + 1))
    assert shorter is not None and longer is not None and shorter <= longer


@given(moments, moments, kinds, calendars, policies)
def test_a_later_t0_never_ends_earlier(
    one: datetime, other: datetime, kind: ClockKind, calendar: Calendar, policy: ClockPolicy
) -> None:
    earlier, later = sorted((one, other))
    assert due_day(clock_due(kind, earlier, calendar, policy)) <= due_day(clock_due(kind, later, calendar, policy))


@given(moments, st.integers(1, 90), calendars)
def test_natural_days_end_on_the_first_working_day_from_the_nth_day_on(
    t0: datetime, count: int, calendar: Calendar
) -> None:
    end = due_day(due_in(Span(days=count, unit=DayUnit.NATURAL), t0, calendar))
    day = day_of(t0) + timedelta(days=count)
    while not calendar.is_workday(day):
        day += timedelta(days=1)
    assert end == day


@given(moments, st.integers(1, 60), calendars)
def test_months_end_on_the_same_date_or_the_month_end_rolled_forward(
    t0: datetime, count: int, calendar: Calendar
) -> None:
    end = due_day(due_in(Span(months=count), t0, calendar))
    start = day_of(t0)
    month = date(start.year + (start.month - 1 + count) // 12, (start.month - 1 + count) % 12 + 1, 1)
    target = month.replace(day=min(start.day, monthrange(month.year, month.month)[1]))
    assert target <= end
    assert not any(calendar.is_workday(target + timedelta(days=i)) for i in range((end - target).days))


@given(moments, kinds, calendars, policies)
def test_a_deadline_survives_json_and_keeps_close_of_business(
    t0: datetime, kind: ClockKind, calendar: Calendar, policy: ClockPolicy
) -> None:
    deadline = clock_due(kind, t0, calendar, policy)
    again = Deadline.model_validate_json(deadline.model_dump_json())
    assert again == deadline
    assert again.due is not None and again.due.astimezone(ZONE).time() == policy.eod
    assert again.due.utcoffset() == timedelta(0)
