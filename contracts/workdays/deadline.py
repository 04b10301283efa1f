"""From what was written to when it is due, and again when a year is published (R1)."""

from datetime import date, datetime, time

from pydantic import BaseModel, ConfigDict

from .calendar import Calendar
from .clock import (
    DEFAULT_POLICY,
    ZONE,
    ClockKind,
    ClockPolicy,
    Deadline,
    Span,
    Weight,
    clock_due,
    day_of,
    due_in,
    due_on,
    standing_span,
)
from .wording import DeadlineUnreadable, Term, check_year, read_wording


class Recomputed(BaseModel):
    """What a calendar revision did to one clock: the deadline that was announced, and the one that holds now."""

    model_config = ConfigDict(frozen=True)

    old: Deadline
    new: Deadline

    @property
    def moved(self) -> bool:
        """Whether the due moment itself changed, not only its standing as provisional."""
        return self.new.due != self.old.due


def deadline_of(
    text: str | date | None, t0: datetime, weight: Weight, calendar: Calendar, policy: ClockPolicy = DEFAULT_POLICY
) -> Deadline:
    """Read a deadline (完成时限) and compute when it is due (R1); a `date` or `datetime` cell is an explicit date.

    Empty: resolve_7d for an ORDINARY task, resolve_1m for a MAJOR one. An explicit date is CUSTOM, kept as written,
    ending at the policy's eod. Spans equal to a standing clock get its kind, others are CUSTOM by the same rules.
    Raises DeadlineUnreadable with a Chinese message.
    """
    match _term(text, day_of(t0), weight, policy):
        case None:
            return clock_due(ClockKind.ZERO, t0, calendar, policy)
        case Span() as span:
            return due_in(span, t0, calendar, policy, _kind_of(span, policy))
        case day:
            return due_on(day, policy)


def deadline_anew(
    text: str, first: datetime, t0: datetime, weight: Weight, calendar: Calendar, policy: ClockPolicy = DEFAULT_POLICY
) -> Deadline:
    """The deadline of what begins anew at `t0`, as it was written when the matter began at `first` (R1).

    A span counts from `t0`. A date stays what it meant; where it has passed, the clock of the weight runs.
    Raises DeadlineUnreadable.
    """
    term = _term(text, day_of(first), weight, policy)
    deadline = deadline_of(term if isinstance(term, date) else text, t0, weight, calendar, policy)
    return deadline if deadline.due is None or deadline.due > t0 else deadline_of("", t0, weight, calendar, policy)


def recomputed(
    announced: Deadline, t0: datetime, calendar: Calendar, policy: ClockPolicy = DEFAULT_POLICY, text: str | None = None
) -> Recomputed:
    """Recompute one open clock under a revised calendar (R1): never earlier than what was announced.

    Only a provisional clock changes. `policy` must be the version it was announced with: only the calendar may move
    it here; a CUSTOM clock also needs the `text` it was read from. Raises ValueError when they do not fit.
    """
    if not announced.provisional or announced.due is None:
        return Recomputed(old=announced, new=announced)
    if announced.policy_version != policy.version:
        raise ValueError(f"policy：时限按第{announced.policy_version}版规则计算，不能用第{policy.version}版重算")
    fresh = _computed_again(announced.kind, text, t0, calendar, policy)
    if fresh.due is None or fresh.kind is not announced.kind:
        raise ValueError(f"text：重算自定时限需要原来的时限文字，“{text or ''}”不是")
    return Recomputed(old=announced, new=fresh.model_copy(update={"due": max(announced.due, fresh.due)}))


def _computed_again(
    kind: ClockKind, text: str | None, t0: datetime, calendar: Calendar, policy: ClockPolicy
) -> Deadline:
    if kind is ClockKind.CUSTOM:
        return deadline_of(text, t0, Weight.ORDINARY, calendar, policy)
    return clock_due(kind, t0, calendar, policy)


def _term(text: str | date | None, t0_day: date, weight: Weight, policy: ClockPolicy) -> Term:
    if text is None or (isinstance(text, str) and not text.strip()):
        return standing_span(_by_weight(weight), policy)
    if isinstance(text, str):
        return read_wording(text, t0_day, policy.unit)
    if isinstance(text, datetime):
        return check_year(_whole_day(text, policy))
    if isinstance(text, date):
        return check_year(text)
    raise DeadlineUnreadable(text, "不是文字或日期")


def _by_weight(weight: Weight) -> ClockKind:
    return ClockKind.RESOLVE_1M if weight is Weight.MAJOR else ClockKind.RESOLVE_7D


def _whole_day(moment: datetime, policy: ClockPolicy) -> date:
    local = moment.astimezone(ZONE) if moment.tzinfo else moment
    if local.time() not in (time(0), policy.eod):
        raise DeadlineUnreadable(f"{local:%Y-%m-%d %H:%M}", f"写了时刻：时限只写到日，当日{policy.eod:%H:%M}截止")
    return local.date()


def _kind_of(span: Span, policy: ClockPolicy) -> ClockKind:
    standing = (ClockKind.RESOLVE_7D, ClockKind.RESOLVE_1M)
    return next((kind for kind in standing if standing_span(kind, policy) == span), ClockKind.CUSTOM)
