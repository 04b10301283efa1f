"""October of two counties, as ranking computes and publishes it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid5

from contracts.envelope import Event
from contracts.offices import Issued
from contracts.terms import Indicator, PeerGroup
from services.ranking.facts.domain.period import Period, Window
from services.ranking.indicators.outcome import Outcome
from services.ranking.rankings.domain import publishing
from services.ranking.rankings.domain.ranks import Result, ranked
from services.ranking.schemes.domain import SCHEME
from tests.story import Matter, Story, moment
from tests.story.province import NODE, QUWO, YAODU, name_of
from tests.story.story import NAMESPACE

COUNTS = {YAODU: ((1, 1), (3, 4), (0, 1), (2, 1)), QUWO: ((1, 1), (2, 2), (1, 1), (0, 1))}
"""Of each indicator what was done and out of how much; days overdue of how many assignments."""


def happening(story: Story, matter: Matter) -> Iterator[Event]:
    """The running month, then the finished one."""
    task = matter.task
    office = Issued(issuer=task.issuer, issuer_name=task.issuer_name, leadership=task.leadership)
    early, late = moment("2026-10-30 06:00"), moment("2026-11-02 09:00")
    yield publishing.computed(result(early), office, 1, early, NODE)
    yield publishing.published(result(late), office, 1, late, NODE)


def result(now: datetime) -> Result:
    """Each county with one assignment."""
    outcomes = [
        Outcome(unit, uuid5(NAMESPACE, unit), dict(zip(Indicator, counts, strict=True)), overdue=counts[3][0] > 0)
        for unit, counts in COUNTS.items()
    ]
    rows = ranked(outcomes, {YAODU: 1}, {unit: name_of(unit) for unit in COUNTS}, SCHEME)
    return Result(Window.of(Period(2026, 10), now), PeerGroup.COUNTY, SCHEME.version, rows, "b" * 64)
