"""The light of one part, from its facts and the moment alone; what is not colour is a reason for one (R2)."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import accumulate

from contracts.assignment import Assignment
from contracts.terms import AssignmentState, Board, Light, LightReason
from contracts.workdays import Calendar, ClockKind, Span
from services.alerts.domain.policy import LightPolicy
from services.alerts.domain.rules import Rules, after
from services.alerts.domain.watch import judged_as_of, moved_at, reported_at

COLOUR = {
    LightReason.PAST_DUE: Light.OVERDUE,
    LightReason.NO_MOVE: Light.STALLED,
    LightReason.REPORTS_MISSED: Light.STALLED,
    LightReason.BEHIND_PLAN: Light.LAGGING,
    LightReason.MILESTONE_OVERDUE: Light.LAGGING,
    LightReason.DEPLOY_MISSED: Light.LAGGING,
    LightReason.FEEDBACK_MISSED: Light.LAGGING,
}
"""The reasons for a colour, gravest first."""

SEVERITY = {light: n for n, light in enumerate((Light.NONE, Light.NORMAL, Light.LAGGING, Light.STALLED, Light.OVERDUE))}
FIRST = {ClockKind.DEPLOY_1D: LightReason.DEPLOY_MISSED, ClockKind.FEEDBACK_3D: LightReason.FEEDBACK_MISSED}

Onsets = dict[LightReason, datetime]
Reasons = tuple[LightReason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a light shows at one moment (四色预警).

    reasons: all that hold, gravest first. since: when the first reason of this colour began to hold, None where no
    reason has a date. next_change_at: the earliest later moment at which light or reasons change if nothing happens.
    planned: per cent that should be done by now, None without a due date.
    """

    light: Light
    reasons: Reasons
    since: datetime | None
    next_change_at: datetime | None
    planned: Decimal | None


def light(assignment: Assignment, now: datetime, policy: LightPolicy, calendar: Calendar) -> Verdict:
    """The light of a part: OVERDUE over STALLED over LAGGING over NORMAL; NONE once closed or cancelled (R2).

    A suspended part shows what it showed when it was suspended.
    """
    rules = Rules(policy, calendar)
    return verdict(assignment, now, onsets(assignment, rules), rules)


def verdict(assignment: Assignment, now: datetime, onsets: Onsets, rules: Rules) -> Verdict:
    """The same, where the onsets are already known."""
    later = [onset for onset in onsets.values() if onset > now and not assignment.paused_at]
    now = judged_as_of(assignment, now)
    colour, reasons = shows(assignment, now, onsets)
    return Verdict(
        colour,
        reasons,
        min((onsets[reason] for reason in reasons if COLOUR.get(reason) is colour), default=None),
        min(later, default=None),
        None if assignment.closed else planned(assignment, now, rules),
    )


def shows(assignment: Assignment, now: datetime, onsets: Onsets) -> tuple[Light, Reasons]:
    """The colour and its reasons alone."""
    if assignment.closed:
        ended = LightReason.CANCELLED if assignment.state is AssignmentState.CANCELLED else LightReason.CLOSED
        return Light.NONE, (ended,)
    now = judged_as_of(assignment, now)
    reasons = tuple([reason for reason, onset in onsets.items() if onset <= now])
    if reasons:
        return COLOUR[reasons[0]], reasons
    in_time = assignment.reviewed and assignment.resolving.due is not None
    return Light.NORMAL, (LightReason.SUBMITTED_ON_TIME,) if in_time else ()


def onsets(assignment: Assignment, rules: Rules) -> Onsets:
    """When each reason begins to hold if nothing happens, gravest first; time alone never ends one.

    Days are counted as in R1: the first is not counted, the last ends at close of business, and what lasts n days has
    run out the instant after that. A submission waits for its reviewer, so only a late one still has a reason.
    """
    if assignment.closed:
        return {}
    due = assignment.resolving.due
    found = {LightReason.PAST_DUE: after(due)} if due and assignment.resolving.missed else {}
    if assignment.reviewed:
        return found
    found[LightReason.NO_MOVE] = rules.after_days(moved_at(assignment), _patience(assignment, rules.policy))
    missed = _reports(assignment.report_every, rules.policy.reports_missed)
    found[LightReason.REPORTS_MISSED] = rules.after_span(reported_at(assignment), missed)
    if behind := _behind_plan(assignment, rules):
        found[LightReason.BEHIND_PLAN] = behind
    if missed_steps := [step.due for step in assignment.milestones if not step.reached_at]:
        found[LightReason.MILESTONE_OVERDUE] = after(min(missed_steps))
    for clock in assignment.clocks:
        if clock.kind in FIRST and clock.due and clock.met_at is None:
            found[FIRST[clock.kind]] = after(clock.due)
    return found


def planned(assignment: Assignment, now: datetime, rules: Rules) -> Decimal | None:
    """Per cent that should be done by `now`, two places; None without a due date.

    The points of the milestones due by then, else linear in the working days that have ended since T0.
    """
    due = assignment.resolving.due
    if due is None:
        return None
    if assignment.milestones:
        return Decimal(sum(step.weight for step in assignment.milestones if step.due <= now))
    total = rules.days_until(assignment.t0, due)
    if total <= 0:
        return Decimal(100 if now > due else 0)
    ended = min(max(rules.days_ended(assignment.t0, now), 0), total)
    return (Decimal(100 * ended) / total).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _patience(assignment: Assignment, policy: LightPolicy) -> int:
    return policy.stalled_days_daily if assignment.board is Board.DAILY else policy.stalled_days


@lru_cache(64)
def _reports(every: str, count: int) -> Span:
    """The length of `count` report periods: `month`, or a number of working days such as `3wd`."""
    if days := re.fullmatch(r"(\d+)wd", every):
        return Span(days=int(days[1]) * count)
    if every != "month":
        raise ValueError(f"report_every：“{every}”应为 month 或工作日数，例如 3wd")
    return Span(months=count)


def _behind_plan(assignment: Assignment, rules: Rules) -> datetime | None:
    """When the plan, as it is shown, is `lag_points` ahead of the progress; None if it never will be.

    The n-th of `total` working days plans 100 n/total, shown with two places: found by inverting the rounding.
    """
    due, needed = assignment.resolving.due, (assignment.percent or 0) + rules.policy.lag_points
    if due is None or needed > 100:
        return None
    if assignment.milestones:
        points = zip(assignment.milestones, accumulate(step.weight for step in assignment.milestones), strict=True)
        return next((step.due for step, total in points if total >= needed), None)
    total = rules.days_until(assignment.t0, due)
    if total <= 0:
        return after(due)
    return rules.after_days(assignment.t0, -(-total * (2 * int(needed * 100) - 1) // 20_000))
