"""When a clock ends: the five clocks, the policy that tunes them, and the deadline they yield (R1)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ..values import PolicyVersion
from .calendar import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
START_OF_BUSINESS = time(9, 0)


class ClockKind(StrEnum):
    """The clocks of an assignment (时限).

    deploy_1d 1日内研究部署, feedback_3d 3日内反馈, resolve_7d 7日办结一般问题, resolve_1m 1个月办结重大复杂问题,
    custom 按规定时限办结, zero 跟踪到底 · 销号清零 (no due date).
    """

    DEPLOY_1D = "deploy_1d"
    FEEDBACK_3D = "feedback_3d"
    RESOLVE_7D = "resolve_7d"
    RESOLVE_1M = "resolve_1m"
    CUSTOM = "custom"
    ZERO = "zero"


class Weight(StrEnum):
    """How heavy a task is (轻重): ordinary 一般, major 重大; it decides which clock resolves without a deadline."""

    ORDINARY = "ordinary"
    MAJOR = "major"


class DayUnit(StrEnum):
    """Which days a clock counts (计日方式): working 工作日, natural 自然日."""

    WORKING = "working"
    NATURAL = "natural"


class FirstClock(StrEnum):
    """Where `deploy_1d` ends (首个时限): `+1wd` the next working day 次个工作日, `same_day` the day of receipt 当日."""

    NEXT_WORKDAY = "+1wd"
    SAME_DAY = "same_day"


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("时刻一律按北京时间填写，不要带时区，例如 18:00")
    return value


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


WallTime = Annotated[time, AfterValidator(_wall_clock)]
Moment = Annotated[
    AwareDatetime, AfterValidator(_in_utc), Field(description="UTC, such as `2026-11-24T10:00:00Z` (时刻).")
]


class ClockPolicy(BaseModel):
    """The versioned settings of the clocks (R1); times are wall times in Asia/Shanghai.

    unit: what the 1/3/7-day clocks count. first_clock: see FirstClock. cutoff: an assignment after it, or on a
    rest day, counts as received on the next working day; None takes every assignment on its own day.
    eod: close of business, when a day ends. effective: the first day of assignment it applies to.
    """

    model_config = ConfigDict(frozen=True)

    version: int = 1
    unit: DayUnit = DayUnit.WORKING
    first_clock: FirstClock = FirstClock.NEXT_WORKDAY
    cutoff: WallTime | None = None
    eod: WallTime = time(18, 0)
    author: str = "system"
    effective: date = date(2000, 1, 1)


DEFAULT_POLICY = ClockPolicy()


class Deadline(BaseModel):
    """When one clock ends, and by which policy (时限). R1."""

    model_config = ConfigDict(frozen=True)

    kind: ClockKind
    due: Moment | None = Field(default=None, description="When it ends; null for a `zero` clock alone (到期时间).")
    provisional: bool = Field(
        default=False, description="Counted over days of a year that is not yet published: it may move later (暂定)."
    )
    policy_version: PolicyVersion = 1
    review: date | None = Field(
        default=None, description="Of a `zero` clock: the day of its yearly review, in Asia/Shanghai (年度复核日)."
    )

    @model_validator(mode="after")
    def _only_zero_has_no_due(self) -> Self:
        if (self.due is None) != (self.kind is ClockKind.ZERO):
            raise ValueError("due：只有“0”时限（zero）没有到期时间，其余时限必须有")
        return self


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as deadlines state it: a number of days of one unit, or a number of months; ≥ 1."""

    days: int = 0
    months: int = 0
    unit: DayUnit = DayUnit.WORKING

    def __post_init__(self) -> None:
        if min(self.days, self.months) < 0 or (self.days == 0) == (self.months == 0):
            raise ValueError("期限只能写天数或月数之一，且不少于1")


def day_of(moment: datetime) -> date:
    """Return the calendar day of a moment in Asia/Shanghai; raises ValueError when it carries no zone."""
    return _local(moment).date()


def opening(day: date) -> datetime:
    """Return the start of business, 09:00 in Asia/Shanghai, as UTC: the T0 of a bare date."""
    return datetime.combine(day, START_OF_BUSINESS, ZONE).astimezone(UTC)


def closing(day: date, policy: ClockPolicy = DEFAULT_POLICY) -> datetime:
    """Return the close of business of a day (the policy's eod in Asia/Shanghai) as UTC."""
    return datetime.combine(day, policy.eod, ZONE).astimezone(UTC)


def clock_due(kind: ClockKind, t0: datetime, calendar: Calendar, policy: ClockPolicy = DEFAULT_POLICY) -> Deadline:
    """Compute the deadline of one standing clock from T0 (R1); raises ValueError for CUSTOM, which has no length."""
    if kind is ClockKind.ZERO:
        return Deadline(kind=kind, policy_version=policy.version, review=_next_review(day_of(t0)))
    if kind is ClockKind.CUSTOM:
        raise ValueError("自定时限没有固定长度，须由写明的完成时限推算")
    if kind is ClockKind.DEPLOY_1D and policy.first_clock is FirstClock.SAME_DAY:
        return _due_same_day(t0, calendar, policy)
    return due_in(standing_span(kind, policy), t0, calendar, policy, kind)


def standing_span(kind: ClockKind, policy: ClockPolicy) -> Span:
    """Return the length of a standing clock under a policy; raises KeyError for CUSTOM and ZERO."""
    if kind is ClockKind.RESOLVE_1M:
        return Span(months=1)
    days = {ClockKind.DEPLOY_1D: 1, ClockKind.FEEDBACK_3D: 3, ClockKind.RESOLVE_7D: 7}
    return Span(days=days[kind], unit=policy.unit)


def due_in(
    span: Span,
    t0: datetime,
    calendar: Calendar,
    policy: ClockPolicy = DEFAULT_POLICY,
    kind: ClockKind = ClockKind.CUSTOM,
) -> Deadline:
    """Compute the deadline a span after T0 (R1): its day not counted, natural days and months rolled forward."""
    received = _received_on(t0, calendar, policy)
    target = _target(span, received, calendar)
    end = calendar.next_workday(target)
    counts_workdays = span.days > 0 and span.unit is DayUnit.WORKING
    counted_from = received + timedelta(days=1) if counts_workdays else target
    provisional = calendar.provisional_within(counted_from, end) or _receipt_is_provisional(t0, calendar, policy)
    return Deadline(kind=kind, due=closing(end, policy), provisional=provisional, policy_version=policy.version)


def due_on(day: date, policy: ClockPolicy = DEFAULT_POLICY) -> Deadline:
    """Return the deadline of an explicit date (R1): kept as written, not rolled to a working day, never provisional."""
    return Deadline(kind=ClockKind.CUSTOM, due=closing(day, policy), policy_version=policy.version)


def clocks_of(
    deadline: Deadline, t0: datetime, calendar: Calendar, policy: ClockPolicy = DEFAULT_POLICY
) -> tuple[Deadline, ...]:
    """Return every clock of an assignment: deploy_1d, feedback_3d and the one that resolves it, all from T0 (R1)."""
    if deadline.kind in (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D):
        raise ValueError("办结时限不能是部署或反馈时限")
    first = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D)
    return (*(clock_due(kind, t0, calendar, policy) for kind in first), deadline)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("交办时间（T0）必须带时区")
    return moment.astimezone(ZONE)


def _received_on(t0: datetime, calendar: Calendar, policy: ClockPolicy) -> date:
    moment = _local(t0)
    if policy.cutoff is None:
        return moment.date()
    if calendar.is_workday(moment.date()) and moment.time() > policy.cutoff:
        return calendar.add_workdays(moment.date(), 1)
    return calendar.next_workday(moment.date())


def _receipt_is_provisional(t0: datetime, calendar: Calendar, policy: ClockPolicy) -> bool:
    asked = policy.cutoff is not None
    return asked and calendar.provisional_within(day_of(t0), _received_on(t0, calendar, policy))


def _target(span: Span, received: date, calendar: Calendar) -> date:
    if span.months:
        return months_later(received, span.months)
    if span.unit is DayUnit.NATURAL:
        return received + timedelta(days=span.days)
    return calendar.add_workdays(received, span.days)


def months_later(day: date, months: int) -> date:
    """The same date so many months later, else that month's end (R1)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _due_same_day(t0: datetime, calendar: Calendar, policy: ClockPolicy) -> Deadline:
    end = calendar.next_workday(_received_on(t0, calendar, policy))
    if closing(end, policy) <= t0:
        end = calendar.add_workdays(end, 1)
    return Deadline(
        kind=ClockKind.DEPLOY_1D,
        due=closing(end, policy),
        provisional=calendar.provisional_within(day_of(t0), end),
        policy_version=policy.version,
    )


def _next_review(day: date) -> date:
    """Return the first 12-31 after the day of T0, which like in every clock is not counted."""
    this_year = date(day.year, 12, 31)
    return this_year if day < this_year else date(day.year + 1, 12, 31)
