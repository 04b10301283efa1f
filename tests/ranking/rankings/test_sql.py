"""The one SQL and the plain Python give the same digits, whatever happened."""

from decimal import Decimal

import pytest

from contracts.events.assignment import AssignmentEvent
from contracts.events.delivery import DeliveryEvent
from contracts.events.light import LightEvent
from contracts.events.register import UnitEvent
from contracts.terms import PeerGroup
from services.chassis.service import Service
from services.ranking.facts.domain.evidence import Evidence, evolve, overdue_turns
from services.ranking.facts.domain.peers import urged
from services.ranking.facts.domain.period import Period, Window
from services.ranking.indicators.outcome import outcome
from services.ranking.rankings import store
from services.ranking.rankings.domain.ranks import Result, ranked
from services.ranking.rankings.domain.snapshot import Snapshot, Urging, digest_of, heading, write
from services.ranking.schemes.domain import SCHEME
from tests.ranking.conftest import deliver
from tests.ranking.lives import GROUP, lives
from tests.story import Story, moment

WINDOWS = [
    Window.of(Period(2026, 9), moment("2026-12-01 10:00")),
    Window.of(Period(2026, 10), moment("2026-10-19 15:00")),
    Window.of(Period(2026, 10), moment("2026-11-01 00:00")),
    Window.of(Period(2026, 11), moment("2026-11-06 10:00")),
]


@pytest.mark.parametrize("seed", range(8))
async def test_the_sql_computes_what_the_plain_python_computes(ranking: Service, seed):
    story = lives(seed)
    await deliver(ranking, story.events)
    filled = 0
    async with ranking.pool.acquire() as db:
        for window in WINDOWS:
            for group in PeerGroup:
                result, text = await store.compute(db, window, group, SCHEME, with_input=True)
                expected, expected_text = twin(story, window, group)
                assert text == expected_text
                assert result == expected
                filled += bool(result.rows)
    assert filled >= 10


async def test_under_other_weights_both_rank_alike(ranking: Service):
    story = lives(99)
    await deliver(ranking, story.events)
    scheme = SCHEME.reweighted(map(Decimal, ("12.5", "37.25", "20.25", "30")))
    async with ranking.pool.acquire() as db:
        result, _ = await store.compute(db, WINDOWS[2], PeerGroup.COUNTY, scheme)
    expected, _ = twin(story, WINDOWS[2], PeerGroup.COUNTY, scheme)
    assert result == expected


def twin(story: Story, window: Window, group: PeerGroup, scheme=SCHEME) -> tuple[Result, str]:
    """The ranking by the domain's own functions, straight from the events."""
    names = {e.unit.address: e.unit.short for e in story.events if isinstance(e, UnitEvent)}
    evidence, overdue = facts_of(story)
    mine = [each for each in evidence.values() if each.peers is group and each.ranked_unit != GROUP]
    rows = [outcome(each, overdue.get(each.assignment_id, ()), window) for each in mine]
    snapshot = Snapshot(tuple(row for row in rows if row), tuple(urgings(story, window, group)))
    text = write(heading(window.period, group, scheme), snapshot)
    ranks = ranked(snapshot.outcomes, snapshot.notices, names, scheme)
    return Result(window, group, scheme.version, ranks, digest_of(text)), text


def facts_of(story: Story) -> tuple[dict[object, Evidence], dict[object, tuple]]:
    evidence, overdue = dict[object, Evidence](), dict[object, tuple]()
    for event in story.events:
        if isinstance(event, AssignmentEvent):
            id = event.assignment.assignment_id
            if after := evolve(evidence.get(id), event.assignment, story.node, event.time):
                evidence[id] = after
        elif isinstance(event, LightEvent):
            id = event.light.assignment_id
            overdue[id] = overdue_turns(overdue.get(id, ()), event.light, event.time)
    return evidence, overdue


def urgings(story: Story, window: Window, group: PeerGroup) -> list[Urging]:
    last = {e.delivery.delivery_id: e.delivery for e in story.events if isinstance(e, DeliveryEvent)}
    return [
        (peers.ranked_unit, delivery.delivery_id)
        for delivery in last.values()
        if (peers := urged(delivery, story.node)) and peers.group is group and peers.ranked_unit != GROUP
        if window.holds(delivery.sent_at) and not (delivery.withdrawn_at and delivery.withdrawn_at < window.cut)
    ]
