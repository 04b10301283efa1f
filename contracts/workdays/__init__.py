"""The legal clock (R1): which days are worked, when a clock ends, and what a written deadline means."""

from .calendar import Calendar, CalendarDay
from .clock import (
    DEFAULT_POLICY,
    ZONE,
    ClockKind,
    ClockPolicy,
    DayUnit,
    Deadline,
    FirstClock,
    Moment,
    Span,
    Weight,
    clock_due,
    clocks_of,
    closing,
    day_of,
    due_in,
    due_on,
    months_later,
    opening,
)
from .deadline import Recomputed, deadline_anew, deadline_of, recomputed
from .numerals import chinese_number
from .wording import DeadlineUnreadable

__all__ = [
    "DEFAULT_POLICY",
    "ZONE",
    "Calendar",
    "CalendarDay",
    "ClockKind",
    "ClockPolicy",
    "DayUnit",
    "Deadline",
    "DeadlineUnreadable",
    "FirstClock",
    "Moment",
    "Recomputed",
    "Span",
    "Weight",
    "chinese_number",
    "clock_due",
    "clocks_of",
    "closing",
    "day_of",
    "deadline_anew",
    "deadline_of",
    "due_in",
    "due_on",
    "months_later",
    "opening",
    "recomputed",
]
