"""The light of one assignment, from its published state and the moment alone. R2."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from contracts.assignment import Assignment, Milestone
from contracts.light import planned
from contracts.terms import AssignmentState, Board, Light, LightReason
from contracts.workdays import ClockKind, Span
from services.alerts.domain.policy import LightPolicy
from services.alerts.domain.rules import Rules, after, day_of

LIGHT_OF = {
    LightReason.PAST_DUE: Light.OVERDUE,
    LightReason.NO_MOVE: Light.STALLED,
    LightReason.REPORTS_MISSED: Light.STALLED,
    LightReason.BEHIND_PLAN: Light.LAGGING,
    LightReason.MILESTONE_OVERDUE: Light.LAGGING,
    LightReason.DEPLOY_MISSED: Light.LAGGING,
    LightReason.FEEDBACK_MISSED: Light.LAGGING,
}
"""The reasons for a light other than green, gravest first."""

SEVERITY = {light: n for n, light in enumerate((Light.NONE, Light.NORMAL, Light.LAGGING, Light.STALLED, Light.OVERDUE))}
MISSED_CLOCK = {ClockKind.DEPLOY_1D: LightReason.DEPLOY_MISSED, ClockKind.FEEDBACK_3D: LightReason.FEEDBACK_MISSED}

Onsets = dict[LightReason, datetime]
Reasons = tuple[LightReason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a light shows at one moment (四色预警).

    reasons: all that hold, gravest first. since: when the first reason of this light began to hold, None where no
    reason has a date. next_change_at: the earliest later moment at which light or reasons change if nothing happens.
    """

    light: Light
    reasons: Reasons
    since: datetime | None = None
    next_change_at: datetime | None = None


ENDS = {
    AssignmentState.CLOSED: LightReason.CLOSED,
    AssignmentState.CANCELLED: LightReason.CANCELLED,
    AssignmentState.RETURNED: LightReason.RETURNED,
}


def verdict(assignment: Assignment, now: datetime, onsets: Onsets) -> Verdict:
    """The light at a moment: OVERDUE over STALLED over LAGGING over NORMAL; NONE once it has ended.

    A suspended assignment shows what it showed when it was suspended.
    """
    light, reasons = light_now(assignment, now, onsets)
    later = [onset for onset in onsets.values() if onset > now and not assignment.paused_at]
    dated = [onsets[reason] for reason in reasons if LIGHT_OF.get(reason) is light]
    return Verdict(light, reasons, min(dated, default=None), min(later, default=None))


def light_now(assignment: Assignment, now: datetime, onsets: Onsets) -> tuple[Light, Reasons]:
    """The light and its reasons alone."""
    if assignment.state in ENDS:
        return Light.NONE, (ENDS[assignment.state],)
    at = min(now, assignment.paused_at or now)
    if reasons := tuple([reason for reason, onset in onsets.items() if onset <= at]):
        return LIGHT_OF[reasons[0]], reasons
    in_time = assignment.submitted and assignment.due is not None
    return Light.NORMAL, (LightReason.SUBMITTED_ON_TIME,) if in_time else ()


def onsets_of(assignment: Assignment, rules: Rules) -> Onsets:
    """When each reason begins to hold if nothing happens, gravest first; time alone never ends one.

    Days are counted as in R1: the first is not counted, the last ends at close of business, and what lasts n days has
    run out the instant after that. A submission waits for its reviewer, so only a late one still has a reason.
    """
    if not assignment.open:
        return {}
    resolving = assignment.resolving
    onsets = {LightReason.PAST_DUE: after(resolving.due)} if resolving.due and resolving.missed else {}
    if assignment.submitted:
        return onsets
    onsets[LightReason.NO_MOVE] = rules.after_days(_moved_at(assignment), _patience(assignment, rules.policy))
    periods = _periods(assignment.report_every, rules.policy.reports_missed)
    onsets[LightReason.REPORTS_MISSED] = rules.after_span(_reported_at(assignment), periods)
    if behind := _behind_plan_at(assignment, rules):
        onsets[LightReason.BEHIND_PLAN] = behind
    if unreached := [step.due for step in assignment.milestones if not step.reached_at]:
        onsets[LightReason.MILESTONE_OVERDUE] = after(min(unreached))
    for clock in assignment.clocks:
        if clock.kind in MISSED_CLOCK and clock.due and clock.met_at is None:
            onsets[MISSED_CLOCK[clock.kind]] = after(clock.due)
    return onsets


def _moved_at(assignment: Assignment) -> datetime:
    a = assignment
    return max(filter(None, (a.t0, a.acknowledged_at, a.moved_at, a.in_hand_since)))


def _reported_at(assignment: Assignment) -> datetime:
    return max(filter(None, (assignment.t0, assignment.reported_at, assignment.in_hand_since)))


def _patience(assignment: Assignment, policy: LightPolicy) -> int:
    return policy.stalled_days_daily if assignment.board is Board.DAILY else policy.stalled_days


@lru_cache(64)
def _periods(every: str, count: int) -> Span:
    """The length of `count` report periods: `month`, or a number of working days such as `3wd`."""
    if days := re.fullmatch(r"(\d+)wd", every):
        return Span(days=int(days[1]) * count)
    if every != "month":
        raise ValueError(f"report_every：“{every}”应为 month 或工作日数，例如 3wd")
    return Span(months=count)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the planned progress follows from: assignments that agree in it are counted once."""

    t0: date
    due: datetime
    milestones: tuple[Milestone, ...]
    paused_at: datetime | None
    assignment: Assignment = field(compare=False)


def _behind_plan_at(assignment: Assignment, rules: Rules) -> datetime | None:
    """When the plan, as it is shown, is `lag_points` ahead of the progress; None if it never will be."""
    a, needed = assignment, (assignment.percent or 0) + rules.policy.lag_points
    if a.due is None or needed > 100:
        return None
    return _plan_reaches(needed, _Plan(day_of(a.t0), a.due, a.milestones, a.paused_at, a), rules)


@lru_cache(2048)
def _plan_reaches(needed: Decimal, plan: _Plan, rules: Rules) -> datetime | None:
    """The first moment at which so much is planned; it is one of those at which the plan rises."""
    a, days = plan.assignment, rules.calendar.workdays_between(plan.t0, day_of(plan.due))

    def rise(n: int) -> datetime:
        if plan.milestones:
            return plan.milestones[n].due
        return rules.after_days(a.t0, n + 1) if days > 0 else after(plan.due)

    def planned_at(n: int) -> Decimal:
        return planned(a, rise(n), rules.calendar) or Decimal(0)

    count = len(plan.milestones) or max(days, 1)
    n = bisect_left(range(count), needed, key=planned_at)
    return rise(n) if n < count else None
