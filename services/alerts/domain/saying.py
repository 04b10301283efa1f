"""The words of alerts: its events, built from what is known of a part or a task."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.terms import Light, LightReason
from contracts.workdays import ClockKind
from services.alerts.domain.light import Verdict
from services.alerts.domain.policy import LightPolicy
from services.alerts.domain.watch import Watch

MISSED = -1
"""Stands in a `Told` where the clock was missed."""

Said = ClockMissed | ClockDueSoon | LightChanged


class Told(NamedTuple):
    """What is said once of one due date of one clock: that it was missed, or how many working days are left."""

    clock: ClockKind
    due: datetime
    days_left: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A light as it was last said, and since when it holds; version 0 before the first time."""

    light: Light = Light.NONE
    reasons: tuple[LightReason, ...] = ()
    since: datetime | None = None
    version: int = 0

    def differs(self, light: Light, reasons: tuple[LightReason, ...]) -> bool:
        """Worth saying; what was closed before it was ever lit stays dark."""
        if self.light is light is Light.NONE:
            return False
        return (self.light, self.reasons) != (light, reasons)

    def turned(self, light: Light, reasons: tuple[LightReason, ...], since: datetime | None, now: datetime) -> Self:
        """The light after a change; one that only changes its reasons holds since when it held."""
        held = self.since if light is self.light else None
        return type(self)(light, reasons, held or since or now, self.version + 1)


DARK = Shown()


def of_clock(watch: Watch, told: Told, now: datetime, version: int) -> ClockMissed | ClockDueSoon:
    """A clock ran out, or soon will."""
    a = watch.assignment
    facts = _common(watch, now) | {
        "aggregate": f"clock/{a.assignment_id}",
        "version": version,
        "unit_name": a.unit_name,
        "role": a.role,
        "clock": told.clock,
        "due": told.due,
        "historical": before(told.due, a.historical_before),
    }
    return ClockMissed(**facts) if told.days_left == MISSED else ClockDueSoon(**facts, days_left=told.days_left)


def of_part(
    watch: Watch, previous: Light, shown: Shown, found: Verdict, now: datetime, by: LightPolicy
) -> LightChanged:
    """The light of a part changed, at its unit."""
    a = watch.assignment
    return LightChanged(
        **_common(watch, now),
        aggregate=f"light/{a.assignment_id}",
        version=shown.version,
        unit_name=a.unit_name,
        role=a.role,
        previous=previous,
        light=shown.light,
        reasons=shown.reasons,
        since=shown.since,
        next_change_at=found.next_change_at,
        due=a.resolving.due,
        percent=a.percent or 0,
        planned=found.planned,
        historical=before(shown.since, a.historical_before),
        policy_version=by.version,
    )


def in_order(said: Iterable[Said]) -> list[Said]:
    """Clocks first, then lights, each as time brought them: equal words stand together, every aggregate keeps order."""
    return sorted(said, key=lambda event: (event.type == LightChanged.type, event.time))


def _common(watch: Watch, now: datetime) -> dict[str, Any]:
    a = watch.assignment
    return {
        "time": now,
        "owner": a.owner,
        "address": a.unit,
        "audience": watch.audience,
        "assignment_id": a.assignment_id,
        "task_id": a.task_id,
        "title": a.title,
        "unit": a.unit,
        "issuer": a.issuer,
    }


def before(moment: datetime | None, limit: datetime | None) -> bool:
    """Lies before the moment from which an import counts."""
    return moment is not None and limit is not None and moment < limit
