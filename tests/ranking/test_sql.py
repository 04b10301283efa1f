"""The one SQL and the plain Python give the same digits, whatever happened."""

import pytest

from contracts.events.assignment import AssignmentEvent
from contracts.events.delivery import DeliverySent
from contracts.events.light import LightChanged
from contracts.events.notice import NoticeVoided
from contracts.terms import Light, PeerGroup
from services.chassis.service import Service
from services.ranking import store
from services.ranking.domain.board import standings
from services.ranking.domain.evidence import Red, Window, evidence
from services.ranking.domain.part import Part, after, opened, ranked, reddens, urged
from services.ranking.domain.period import Period
from services.ranking.domain.saying import Board
from services.ranking.domain.scheme import SCHEME
from services.ranking.domain.snapshot import Snapshot, digest_of, heading, noticed, written
from tests.ranking.conftest import hear
from tests.ranking.story import Story, adventure, at

WINDOWS = [
    Window.of(Period(2026, 9), at(12, 1)),
    Window.of(Period(2026, 10), at(10, 19, 15)),
    Window.of(Period(2026, 10), at(11, 1, 0)),
    Window.of(Period(2026, 11), at(11, 6)),
]


@pytest.mark.parametrize("seed", range(8))
async def test_the_sql_computes_what_the_plain_python_computes(ranking: Service, seed):
    story = adventure(seed)
    await hear(ranking, story.told)
    filled = 0
    async with ranking.pool.acquire() as db:
        for window in WINDOWS:
            for group in PeerGroup:
                board, content = await store.board(db, window, group, SCHEME, keep=True)
                expected, text = twin(story, window, group)
                assert content == text
                assert board == expected
                filled += bool(board.standings)
    assert filled >= 10


async def test_under_other_weights_both_rank_alike(ranking: Service):
    story = adventure(99)
    await hear(ranking, story.told)
    scheme = SCHEME.reweighted([*map(type(SCHEME.measures[0].weight), ("12.5", "37.25", "20.25", "30"))])
    async with ranking.pool.acquire() as db:
        board, _ = await store.board(db, WINDOWS[2], PeerGroup.COUNTY, scheme)
    expected, _ = twin(story, WINDOWS[2], PeerGroup.COUNTY, scheme)
    assert board == expected


def twin(story: Story, window: Window, group: PeerGroup, scheme=SCHEME) -> tuple[Board, str]:
    """The board by the domain's own functions, straight from the events."""
    parts: dict[object, Part] = {}
    names = {e.unit: e.short for e in story.told if e.type == "unit.registered"}
    for event in (e for e in story.told if isinstance(e, AssignmentEvent)):
        if event.type == "assignment.issued" and (peers := ranked(event)):
            parts[event.assignment_id] = opened(event, peers)
        elif event.assignment_id in parts:
            parts[event.assignment_id] = after(parts[event.assignment_id], event)
    mine = [p for p in parts.values() if p.peers is group and ".71." not in p.place]
    rows = [row for p in mine if (row := evidence(p, reds_of(story, p), window))]
    snapshot = Snapshot(tuple(rows), tuple(urgings(story, window, group)))
    text = written(heading(window.period, group, scheme), snapshot)
    found = standings(rows, noticed(snapshot), names, scheme)
    return Board(window, group, scheme.version, found, digest_of(text)), text


def reds_of(story: Story, part: Part) -> list[Red]:
    reds: list[Red] = []
    for event in story.told:
        if isinstance(event, LightChanged) and event.assignment_id == part.assignment_id and reddens(event):
            if event.light is Light.OVERDUE:
                reds.append(Red(event.time))
            elif reds and reds[-1].until is None:
                reds[-1] = Red(reds[-1].at, event.time)
    return reds


def urgings(story: Story, window: Window, group: PeerGroup):
    void = {e.notice_id for e in story.told if isinstance(e, NoticeVoided) and e.time < window.cut}
    for event in (e for e in story.told if isinstance(e, DeliverySent) and e.notice_id not in void):
        if (peers := urged(event)) and peers.group is group and window.holds(event.time):
            yield peers.place, event.delivery_id
