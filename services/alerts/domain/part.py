"""One part with what was said about it so far, and the next moment at which something must be said."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple, Self

from contracts.events.assignment import AssignmentEvent
from contracts.workdays import ClockKind
from services.alerts.domain import saying
from services.alerts.domain.light import Onsets, onsets, shows, verdict
from services.alerts.domain.rules import Rules, after
from services.alerts.domain.saying import DARK, MISSED, Said, Shown, Told
from services.alerts.domain.watch import Watch, heard


class Ahead(NamedTuple):
    """What time alone will bring, computed once from the facts: reasons of light, and words about clocks."""

    onsets: Onsets
    tellings: tuple[tuple[datetime, Told], ...]


@dataclass(frozen=True)
class Part:
    """One unit's part under watch; `look_at` is a moment at which it was to be looked at again."""

    watch: Watch
    ahead: Ahead
    shown: Shown = DARK
    told: frozenset[Told] = frozenset()
    said_at: datetime | None = None
    look_at: datetime | None = None

    def follows(self, event: AssignmentEvent, rules: Rules) -> Self:
        """The part after one more event; nothing is said yet."""
        watch = heard(event, self.watch)
        return replace(self, watch=watch, ahead=ahead_of(watch, rules))

    @property
    def judged_at(self) -> datetime:
        """The latest moment known here: nothing is judged as of an earlier one."""
        return max(filter(None, (self.watch.heard_at, self.said_at, self.look_at)))

    @property
    def waits(self) -> bool:
        """An import of which nothing was said yet: it is judged once the rest of it was heard."""
        return self.watch.imported and not self.shown.version and not self.told

    @property
    def pending(self) -> list[tuple[datetime, Told]]:
        """What is still to be said of its clocks, each with its moment."""
        return [telling for telling in self.ahead.tellings if telling[1] not in self.told]

    @cached_property
    def upcoming(self) -> datetime | None:
        """The next moment at which something must be said; None where time alone brings nothing more."""
        now, ahead = self.judged_at, self.ahead.onsets
        if self.shown.differs(*shows(self.watch.assignment, now, ahead)):
            return now
        if self.watch.assignment.paused_at:
            return None
        moments = [onset for onset in ahead.values() if onset > now]
        moments += [moment for moment, _ in self.pending]
        return max(now, min(moments)) if moments else None


def ahead_of(watch: Watch, rules: Rules) -> Ahead:
    """What time alone will bring; a badge whose moment had passed when the due date became known never shows (R2)."""
    tellings: list[tuple[datetime, Told]] = []
    for clock in watch.assignment.clocks if watch.runs else ():
        if clock.due and clock.missed:
            tellings.append((after(clock.due), Told(clock.kind, clock.due, MISSED)))
        if clock.due and clock.met_at is None:
            tellings += [badge for badge in _badges(clock.kind, clock.due, rules) if badge[0] > clock.set_at]
    return Ahead(onsets(watch.assignment, rules), tuple(tellings))


@lru_cache(4096)
def _badges(kind: ClockKind, due: datetime, rules: Rules) -> tuple[tuple[datetime, Told], ...]:
    """A badge shows from the start of business so many working days before the due date, or on that very day."""
    shown = [(rules.opens_before(due, left), Told(kind, due, left)) for left in rules.policy.due_soon]
    return tuple((at, told) for at, told in shown if at < due)


def act(part: Part, moment: datetime, rules: Rules) -> tuple[Part, list[Said]]:
    """What a part says at a moment: clocks that ran out, badges, then its light."""
    now = max(moment, part.judged_at)
    watch, shown, ahead = part.watch, part.shown, part.ahead
    words = [told for _, told in sorted(telling for telling in part.pending if telling[0] <= now)]
    said: list[Said] = [
        saying.of_clock(watch, told, now, version) for version, told in enumerate(words, len(part.told) + 1)
    ]
    if shown.differs(*shows(watch.assignment, now, ahead.onsets)):
        found = verdict(watch.assignment, now, ahead.onsets, rules)
        shown = shown.turned(found.light, found.reasons, found.since, now)
        said.append(saying.of_part(watch, part.shown.light, shown, found, now, rules.policy))
    return Part(watch, ahead, shown, part.told.union(words), said_at=now), said
