"""The light of one part, from its facts and the moment alone; what is not colour is a reason for one (R2)."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import accumulate

from contracts.terms import AssignmentState, Board, Light, LightReason
from contracts.workdays import Calendar, ClockKind, Span
from services.alerts.domain.policy import LightPolicy
from services.alerts.domain.rules import Rules, after
from services.alerts.domain.watch import Watch

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


def light(watch: Watch, now: datetime, policy: LightPolicy, calendar: Calendar) -> Verdict:
    """The light of a part: OVERDUE over STALLED over LAGGING over NORMAL; NONE once closed or cancelled (R2).

    A suspended part shows what it showed when it was suspended.
    """
    rules = Rules(policy, calendar)
    return verdict(watch, now, onsets(watch, rules), rules)


def verdict(watch: Watch, now: datetime, onsets: Onsets, rules: Rules) -> Verdict:
    """The same, where the onsets are already known."""
    later = [onset for onset in onsets.values() if onset > now and not watch.paused_at]
    now = watch.judged_as_of(now)
    colour, reasons = shows(watch, now, onsets)
    return Verdict(
        colour,
        reasons,
        min((onsets[reason] for reason in reasons if COLOUR.get(reason) is colour), default=None),
        min(later, default=None),
        None if watch.closed else planned(watch, now, rules),
    )


def shows(watch: Watch, now: datetime, onsets: Onsets) -> tuple[Light, Reasons]:
    """The colour and its reasons alone."""
    if watch.closed:
        ended = LightReason.CANCELLED if watch.state is AssignmentState.CANCELLED else LightReason.CLOSED
        return Light.NONE, (ended,)
    now = watch.judged_as_of(now)
    reasons = tuple([reason for reason, onset in onsets.items() if onset <= now])
    if reasons:
        return COLOUR[reasons[0]], reasons
    in_time = watch.reviewed and watch.resolving.due is not None
    return Light.NORMAL, (LightReason.SUBMITTED_ON_TIME,) if in_time else ()


def onsets(watch: Watch, rules: Rules) -> Onsets:
    """When each reason begins to hold if nothing happens, gravest first; time alone never ends one.

    Days are counted as in R1: the first is not counted, the last ends at close of business, and what lasts n days has
    run out the instant after that. A submission waits for its reviewer, so only a late one still has a reason.
    """
    if watch.closed:
        return {}
    due = watch.resolving.due
    found = {LightReason.PAST_DUE: after(due)} if due and watch.resolving.fails else {}
    if watch.reviewed:
        return found
    found[LightReason.NO_MOVE] = rules.after_days(watch.moved_at, _patience(watch, rules.policy))
    missed = _reports(watch.report_every, rules.policy.reports_missed)
    found[LightReason.REPORTS_MISSED] = rules.after_span(watch.reported_at, missed)
    if behind := _behind_plan(watch, rules):
        found[LightReason.BEHIND_PLAN] = behind
    if missed_steps := [step.due for step in watch.steps if not step.reached]:
        found[LightReason.MILESTONE_OVERDUE] = after(min(missed_steps))
    for clock in watch.clocks:
        if clock.kind in FIRST and clock.due and clock.met_at is None:
            found[FIRST[clock.kind]] = after(clock.due)
    return found


def planned(watch: Watch, now: datetime, rules: Rules) -> Decimal | None:
    """Per cent that should be done by `now`, two places; None without a due date.

    The points of the milestones due by then, else linear in the working days that have ended since T0.
    """
    due = watch.resolving.due
    if due is None:
        return None
    if watch.steps:
        return Decimal(sum(step.weight for step in watch.steps if step.due <= now))
    total = rules.days_until(watch.t0, due)
    if total <= 0:
        return Decimal(100 if now > due else 0)
    ended = min(max(rules.days_ended(watch.t0, now), 0), total)
    return (Decimal(100 * ended) / total).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _patience(watch: Watch, policy: LightPolicy) -> int:
    return policy.stalled_days_daily if watch.board is Board.DAILY else policy.stalled_days


@lru_cache(64)
def _reports(every: str, count: int) -> Span:
    """The length of `count` report periods: `month`, or a number of working days such as `3wd`."""
    if days := re.fullmatch(r"(\d+)wd", every):
        return Span(days=int(days[1]) * count)
    if every != "month":
        raise ValueError(f"report_every：“{every}”应为 month 或工作日数，例如 3wd")
    return Span(months=count)


def _behind_plan(watch: Watch, rules: Rules) -> datetime | None:
    """When the plan, as it is shown, is `lag_points` ahead of the progress; None if it never will be.

    The n-th of `total` working days plans 100 n/total, shown with two places: found by inverting the rounding.
    """
    due, needed = watch.resolving.due, watch.percent + rules.policy.lag_points
    if due is None or needed > 100:
        return None
    if watch.steps:
        points = zip(watch.steps, accumulate(step.weight for step in watch.steps), strict=True)
        return next((step.due for step, total in points if total >= needed), None)
    total = rules.days_until(watch.t0, due)
    if total <= 0:
        return after(due)
    return rules.after_days(watch.t0, -(-total * (2 * int(needed * 100) - 1) // 20_000))
