"""What time brings: the scheme, the running ranking when it changed, the finished one once and for good."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.envelope import EVENT_STREAM, Event
from contracts.events.ranking import RankingComputed, RankingEvent, RankingPublished
from contracts.events.register import PolicyPublished
from contracts.ranking import Ranking
from contracts.terms import Light, PeerGroup
from contracts.units import UnitKind
from services.chassis.service import Service
from services.ranking.facts.domain.period import Period
from services.ranking.rankings.domain.snapshot import digest_of
from tests.chassis.conftest import until, working
from tests.conftest import House
from tests.ranking.conftest import deliver, opened_service, tick
from tests.ranking.lives import lives
from tests.ranking.others import Others
from tests.story import Matter, Story, moment
from tests.story.province import (
    EVERYONE,
    GOVERNMENT,
    LINFEN_OFFICE,
    OFFICE,
    QUWO,
    YAODU,
    register,
    supervisor,
)

SECOND = timedelta(seconds=1)


def drafts(events: list[Event], group: PeerGroup = PeerGroup.COUNTY) -> list[RankingComputed]:
    return [e for e in events if isinstance(e, RankingComputed) and e.ranking.group is group]


def published(events: list[Event]) -> list[RankingPublished]:
    return [event for event in events if isinstance(event, RankingPublished)]


def two_counties() -> tuple[Story, Matter, Matter]:
    """One acknowledges in time, one not yet."""
    story = Story("2026-10-12 10:00")
    story.opening([OFFICE, YAODU, QUWO])
    yaodu, quwo = (story.register(lead=unit, deadline="2026年10月23日") for unit in (YAODU, QUWO))
    story.at("2026-10-13 10:00")
    yaodu.acknowledge()
    return story, yaodu, quwo


def places(ranking: Ranking) -> list[tuple[int, str]]:
    return [(row.rank, row.unit) for row in ranking.rows]


async def test_the_scheme_is_published_once_before_all_else(ranking: Service):
    first, *others = await tick(ranking, moment("2026-10-01 10:00"))
    assert isinstance(first, PolicyPublished) and others == []
    assert first.address == EVERYONE and first.audience == (EVERYONE,)
    measures = json.loads(json.dumps(first.values["measures"]))
    assert {measure["indicator"]: measure["weight"] for measure in measures} == {
        "acknowledged_in_time": "20", "reported_in_time": "30", "closed_in_time": "40", "days_overdue": "10",
    }  # fmt: skip
    assert all(measure["name"] and measure["rule"] for measure in measures)
    assert await tick(ranking, moment("2026-10-01 10:00")) == []


async def test_the_running_ranking_is_for_its_issuer_alone(ranking: Service):
    story, *_ = two_counties()
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-14 10:00")))
    assert (draft.aggregate, draft.address, draft.audience) == ("ranking_draft/2026-10.county", OFFICE, (OFFICE,))
    state = draft.ranking
    assert (state.period, state.version, state.published, state.as_of) == (
        "2026-10", 1, False, moment("2026-10-14 10:00"),
    )  # fmt: skip
    assert (state.issuer, state.issuer_name, state.leadership) == (OFFICE, "省政府办公厅", GOVERNMENT)
    assert [(row.rank, row.unit, row.name, str(row.score)) for row in state.rows] == [
        (1, YAODU, register().units[YAODU].short, "100.0000"),
        (2, QUWO, register().units[QUWO].short, "33.3333"),
    ]


async def test_the_running_ranking_is_emitted_again_only_when_its_digits_changed(ranking: Service):
    story, yaodu, quwo = two_counties()
    others = Others(story)
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-14 10:00"))
    story.at("2026-10-14 11:00")
    others.light(yaodu.part(), Light.LAGGING)
    others.miss(quwo.part())
    await deliver(ranking, story.events)
    assert await tick(ranking, moment("2026-10-14 12:00")) == []
    yaodu.report(20)
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-14 13:00")))
    assert draft.version == draft.ranking.version == 2


async def test_the_running_ranking_is_computed_at_most_every_five_seconds(ranking: Service):
    story, yaodu, _ = two_counties()
    await deliver(ranking, story.events)
    now = moment("2026-10-14 10:00")
    await tick(ranking, now)
    yaodu.report(20)
    await deliver(ranking, story.events)
    assert await tick(ranking, now + 4 * SECOND) == []
    assert drafts(await tick(ranking, now + 5 * SECOND))


async def test_a_clock_that_ran_out_shows_without_any_other_event(ranking: Service):
    story, _, quwo = two_counties()
    quwo.acknowledge()
    await deliver(ranking, story.events)
    (before,) = drafts(await tick(ranking, moment("2026-10-14 10:00")))
    story.at("2026-10-15 18:00")
    Others(story).miss(quwo.part())
    await deliver(ranking, story.events)
    (after,) = drafts(await tick(ranking, moment("2026-10-15 18:01")))
    assert before.ranking.rows[1].score == 100 and after.ranking.rows[1].score == 50


async def test_days_overdue_are_counted_though_nothing_happens(ranking: Service):
    story, _, quwo = two_counties()
    story.at("2026-10-14 10:00")
    Others(story).light(quwo.part(), Light.OVERDUE)
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-14 23:00"))
    assert await tick(ranking, moment("2026-10-14 23:30")) == []
    (draft,) = drafts(await tick(ranking, moment("2026-10-15 00:00")))
    assert [(row.overdue, int(row.scores[3].numerator)) for row in draft.ranking.rows] == [(0, 0), (1, 1)]


async def test_what_a_county_registers_and_closes_for_itself_changes_nothing_for_the_province(ranking: Service):
    story, *_ = two_counties()
    office, bureau = "14.10.21.000.bgt", "14.10.21.000.fgw"
    story.opening([office, bureau])
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-14 10:00")))
    assert places(draft.ranking) == [(1, YAODU), (2, QUWO)]
    story.at("2026-10-14 11:00")
    own = story.register(lead=bureau, by=supervisor(office))
    Others(story).light(own.part(), Light.OVERDUE)
    Others(story).deliver(YAODU, issuer=office)
    own.finish()
    await deliver(ranking, story.events)
    assert drafts(await tick(ranking, moment("2026-10-14 13:00"))) == []
    rows = "select count(*) from evidence union all select count(*) from overdue union all select count(*) from urging"
    assert [row["count"] for row in await ranking.pool.fetch(rows)] == [2, 0, 0]


async def test_a_month_is_published_to_all_on_its_first_working_moment(ranking: Service):
    story, *_ = two_counties()
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-31 10:00"))
    sunday, monday = moment("2026-11-01 09:00"), moment("2026-11-02 09:00")
    assert not published(await tick(ranking, sunday))
    assert not published(await tick(ranking, monday - SECOND))
    events = published(await tick(ranking, monday))
    assert [event.ranking.group for event in events] == list(PeerGroup)
    assert {(e.address, e.audience, e.ranking.period, e.ranking.revision, e.ranking.published) for e in events} == {
        (EVERYONE, (EVERYONE,), "2026-10", 1, True)
    }
    assert {event.ranking.as_of for event in events} == {moment("2026-11-01 00:00")}
    assert [row.unit for row in events[0].ranking.rows] == [YAODU, QUWO]


async def test_national_day_moves_the_publication_to_the_first_working_day_after_it(ranking: Service):
    story = Story("2026-09-10 10:00")
    story.opening([OFFICE, YAODU])
    story.register(lead=YAODU)
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-09-30 10:00"))
    assert published(await tick(ranking, moment("2026-10-07 12:00"))) == []
    events = published(await tick(ranking, moment("2026-10-08 09:00")))
    assert [event.ranking.period for event in events] == ["2026-09"] * 3


async def test_a_published_month_is_frozen_and_late_data_belongs_to_the_next(ranking: Service):
    story, _, quwo = two_counties()
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-11-02 09:00"))
    story.at("2026-11-02 10:00")
    quwo.acknowledge()
    Others(story).light(quwo.part(), Light.OVERDUE)
    quwo.report(20)
    before = await frozen(ranking)
    await deliver(ranking, story.events)
    (november,) = drafts(await tick(ranking, moment("2026-11-02 11:00")))
    assert november.ranking.period == "2026-11"
    assert [(row.unit, [str(score.denominator) for score in row.scores]) for row in november.ranking.rows] == [
        (QUWO, ["0", "1", "0", "1"])
    ]
    assert await frozen(ranking) == before


async def frozen(service: Service) -> str:
    """Every published ranking, as text."""
    return await service.pool.fetchval("select string_agg(r::text, E'\\n' order by r::text) from ranking r")


async def test_nothing_is_published_while_an_event_waits(ranking: Service):
    story, *_ = two_counties()
    await deliver(ranking, story.events[:-1])
    last = story.events[-1]
    await ranking.nc.jetstream().publish(last.subject(), last.model_dump_json().encode(), headers=last.headers())
    assert not published(await tick(ranking, moment("2026-11-02 09:00")))


async def test_months_that_were_slept_through_are_published_one_by_one(ranking: Service):
    await deliver(ranking, lives(3, count=40).events)
    events = published(await tick(ranking, moment("2026-11-10 10:00")))
    assert [e.ranking.period for e in events] == ["2026-08"] * 3 + ["2026-09"] * 3 + ["2026-10"] * 3


async def test_without_anything_issued_nothing_is_emitted(ranking: Service):
    story = Story("2026-10-01 10:00")
    story.opening([OFFICE, YAODU])
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-01 10:00"))
    assert await tick(ranking, moment("2026-11-02 09:00")) == []


async def test_without_an_office_on_the_register_there_is_no_issuer(ranking: Service):
    story, *_ = two_counties()
    without = [event for event in story.events if event.aggregate != f"unit/{OFFICE}"]
    await deliver(ranking, without)
    assert {type(event) for event in await tick(ranking, moment("2026-10-14 10:00"))} == {PolicyPublished}


async def test_the_input_of_a_published_ranking_is_kept_under_its_digest(ranking: Service):
    await deliver(ranking, lives(3, count=40).events)
    events = published(await tick(ranking, moment("2026-11-10 10:00")))
    assert events
    for event in events:
        digest = event.ranking.digest
        assert digest_of((await ranking.blobs.get(digest)).decode()) == digest


async def test_what_belongs_to_another_node_is_not_ranked_here(ranking: Service):
    story = Story("2026-10-12 10:00", node="14.10.00")
    matter = story.register(lead=YAODU, by=supervisor(LINFEN_OFFICE))
    matter.acknowledge()
    Others(story).light(matter.part(), Light.OVERDUE)
    Others(story).deliver(YAODU, issuer=LINFEN_OFFICE)
    await deliver(ranking, [*Story().opening([OFFICE]), *story.events])
    assert {type(event) for event in await tick(ranking, moment("2026-10-20 10:00"))} == {PolicyPublished}
    for table in ("evidence", "overdue", "urging"):
        assert await ranking.pool.fetchval(f"select count(*) from {table}") == 0


@pytest.mark.parametrize(
    ("changes", "ranked"),
    [
        ({}, True),
        ({"kind": UnitKind.ZONE}, False),
        ({"kind": UnitKind.GROUP}, False),
        ({"valid_to": date(2026, 10, 13)}, False),
        ({"valid_to": date(2026, 10, 14)}, True),
        ({"valid_from": date(2026, 10, 15)}, False),
        ({"short": "曲沃县"}, True),
    ],
)
async def test_only_units_that_stand_and_have_peers_are_ranked_by_their_name(ranking: Service, changes, ranked):
    story, _, quwo = two_counties()
    quwo.acknowledge()
    entry = next(event for event in story.events if event.aggregate == f"unit/{QUWO}")
    unit = entry.unit.model_copy(update=changes)
    await deliver(ranking, [*story.events, entry.model_copy(update={"version": 2, "unit": unit})])
    (draft,) = drafts(await tick(ranking, moment("2026-10-14 10:00")))
    assert {row.unit: row.name for row in draft.ranking.rows}.get(QUWO) == (unit.short if ranked else None)


async def test_a_withdrawn_urging_breaks_no_tie(ranking: Service):
    story, _, quwo = two_counties()
    quwo.acknowledge()
    others = Others(story)
    delivery = others.deliver(QUWO)
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-14 10:00")))
    assert [(row.rank, row.unit, row.notices) for row in draft.ranking.rows] == [(1, YAODU, 0), (2, QUWO, 1)]
    story.at("2026-10-14 12:00")
    others.withdraw(delivery)
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-15 10:00")))
    assert [(row.rank, row.unit, row.notices) for row in draft.ranking.rows] == [(1, YAODU, 0), (1, QUWO, 0)]


async def test_a_supporting_unit_stands_in_no_ranking(ranking: Service):
    story = Story("2026-10-12 10:00")
    story.opening([OFFICE, YAODU, QUWO])
    matter = story.register(lead=QUWO, supporting=[YAODU])
    matter.acknowledge(YAODU)
    matter.acknowledge()
    await deliver(ranking, story.events)
    (draft,) = drafts(await tick(ranking, moment("2026-10-13 10:00")))
    assert [row.unit for row in draft.ranking.rows] == [QUWO]


LIKE_QUWO = """
insert into unit
select format('14.%s.%s.000.gov', n / 40 + 20, n % 40 + 40), repeat('新', 24) || '自治县', kind, leadership
from generate_series(0, 114) n, lateral (select * from unit where address = $1) quwo;
"""
AS_QUWO = """
insert into evidence select (jsonb_populate_record(
    quwo, jsonb_build_object('assignment_id', gen_random_uuid(), 'ranked_unit', address)
)).* from unit, evidence quwo where quwo.ranked_unit = $1 and name like '新%'
"""


async def test_the_largest_ranking_fits_into_one_message(ranking: Service):
    story, _, quwo = two_counties()
    quwo.acknowledge()
    quwo.complete()
    quwo.verify()
    quwo.close()
    await deliver(ranking, story.events)
    await ranking.pool.execute(LIKE_QUWO, QUWO)
    await ranking.pool.execute(AS_QUWO, QUWO)
    (draft,) = drafts(await tick(ranking, moment("2026-10-30 10:00")))
    scores = [score for row in draft.ranking.rows if row.unit != YAODU for score in row.scores]
    assert len(draft.ranking.rows) == 117
    assert all(score.points is not None for score in scores)
    assert len(draft.model_dump_json().encode()) < 150_000


async def test_the_running_service_emits_its_scheme_and_its_ranking(ranking: Service):
    """Inbox, tick and relay together, on the database's own time."""
    story = Story(datetime.now(UTC) - timedelta(minutes=5))
    story.opening([OFFICE, YAODU])
    story.register(lead=YAODU, deadline="2099-12-31").acknowledge()
    async with working(ranking):
        for event in story.events:
            body = event.model_dump_json().encode()
            await ranking.nc.jetstream().publish(event.subject(), body, headers=event.headers())
        published = "seq not in (select seq from pending)"
        emitted = f"select exists (select from outbox where type = 'ranking.computed' and {published})"
        await until(lambda: ranking.pool.fetchval(emitted), 20)
    last = await ranking.nc.jetstream().get_last_msg(EVENT_STREAM, "duban.evt.v1.ranking.computed.>")
    state = RankingEvent.model_validate_json(last.data or b"").ranking
    assert state.period == str(Period.of(story.now)) and [row.unit for row in state.rows] == [YAODU]


async def test_a_citys_own_installation_ranks_its_counties(house: House):
    house.settings = house.settings.model_copy(update={"node": "14.10.00"})
    service = await opened_service(house)
    story = Story("2026-10-12 10:00", node="14.10.00")
    story.opening([LINFEN_OFFICE, YAODU])
    matter = story.register(lead=YAODU, by=supervisor(LINFEN_OFFICE))
    story.later(hours=1)
    matter.acknowledge()
    await deliver(service, story.events)
    (draft,) = drafts(await tick(service, moment("2026-10-14 10:00")))
    assert (draft.address, draft.owner, draft.ranking.leadership) == (LINFEN_OFFICE, "14.10.00", "14.10.00.000.gov")
    assert [row.unit for row in draft.ranking.rows] == [YAODU]
