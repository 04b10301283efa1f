"""What time brings: the scheme, the running board when it changed, the finished one once and for good."""

import json
from datetime import UTC, date, datetime, timedelta

from services.ranking.domain.period import Period
from services.ranking.domain.snapshot import digest_of

from contracts.envelope import Event
from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.events.register import PolicyPublished
from contracts.terms import Light, PeerGroup, Role
from services.chassis.service import Service
from tests.chassis.conftest import until, working
from tests.conftest import House
from tests.ranking.conftest import hear, opened_room, tick
from tests.ranking.story import CITIES, COUNTIES, EVERYONE, HOUR, OFFICE, Story, adventure, at

YAODU, QUWO = "14.10.02.000.gov", "14.10.21.000.gov"
SECOND = timedelta(seconds=1)


def boards(said: list[Event], group: PeerGroup = PeerGroup.COUNTY) -> list[RankingComputed | RankingPublished]:
    """The boards of one group."""
    return [e for e in said if isinstance(e, RankingComputed | RankingPublished) and e.group is group]


def two_counties() -> tuple[Story, list]:
    """One acknowledged in time, one not yet."""
    story = Story()
    story.calendar()
    story.register(YAODU, "尧都区政府")
    story.register(QUWO, "曲沃县政府")
    parts = [story.issue(unit, at(10, 12), date(2026, 10, 23)) for unit in (YAODU, QUWO)]
    story.acknowledge(parts[0], at(10, 13))
    return story, parts


async def test_the_scheme_is_published_once_before_all_else(ranking: Service):
    first, *others = await tick(ranking, at(10, 1))
    assert isinstance(first, PolicyPublished) and others == []
    assert first.address == EVERYONE and first.audience == (EVERYONE,)
    weights = {m["indicator"]: m["weight"] for m in json.loads(json.dumps(first.values["measures"]))}
    assert weights == {
        "acknowledged_in_time": "20", "reported_in_time": "30", "closed_in_time": "40", "days_overdue": "10",
    }  # fmt: skip
    assert all(m["name"] and m["rule"] for m in json.loads(json.dumps(first.values["measures"])))
    assert await tick(ranking, at(10, 1)) == []


async def test_the_running_board_is_said_to_the_issuers_office_alone(ranking: Service):
    story, _ = two_counties()
    await hear(ranking, story.told)
    (board,) = boards(await tick(ranking, at(10, 14)))
    assert (board.period, board.address, board.audience) == ("2026-10", OFFICE, (OFFICE,))
    assert board.aggregate == "ranking_draft/2026-10.county" and board.version == 1 and board.as_of == at(10, 14)
    assert [(s.rank, s.unit, s.name, str(s.score)) for s in board.standings] == [
        (1, YAODU, "尧都区政府", "100.0000"),
        (2, QUWO, "曲沃县政府", "33.3333"),
    ]


async def test_the_running_board_is_said_again_only_when_its_digits_changed(ranking: Service):
    story, parts = two_counties()
    await hear(ranking, story.told)
    await tick(ranking, at(10, 14))
    story.light(parts[0], at(10, 14, 11), Light.LAGGING)
    story.miss(parts[1], at(10, 14, 11))
    await hear(ranking, story.told)
    assert await tick(ranking, at(10, 14, 12)) == []
    story.report(parts[0], at(10, 14, 12))
    await hear(ranking, story.told)
    (board,) = boards(await tick(ranking, at(10, 14, 13)))
    assert board.version == 2


async def test_the_running_board_is_computed_at_most_every_five_seconds(ranking: Service):
    story, parts = two_counties()
    await hear(ranking, story.told)
    now = at(10, 14)
    await tick(ranking, now)
    story.report(parts[0], now)
    await hear(ranking, story.told)
    assert await tick(ranking, now + 4 * SECOND) == []
    assert boards(await tick(ranking, now + 5 * SECOND))


async def test_a_clock_that_ran_out_shows_without_any_other_event(ranking: Service):
    story, parts = two_counties()
    story.acknowledge(parts[1], at(10, 13))
    await hear(ranking, story.told)
    (before,) = boards(await tick(ranking, at(10, 14)))
    story.miss(parts[1], at(10, 15, 18))
    await hear(ranking, story.told)
    (after,) = boards(await tick(ranking, at(10, 15, 18, 1)))
    assert before.standings[1].score == 100 and after.standings[1].score == 50


async def test_days_overdue_are_counted_though_nothing_is_said(ranking: Service):
    story, parts = two_counties()
    story.light(parts[1], at(10, 14), Light.OVERDUE)
    await hear(ranking, story.told)
    await tick(ranking, at(10, 14, 23))
    assert await tick(ranking, at(10, 14, 23, 30)) == []
    (board,) = boards(await tick(ranking, at(10, 15, 0)))
    assert [(s.overdue, int(s.cells[3].numerator)) for s in board.standings] == [(0, 0), (1, 1)]


async def test_a_month_is_published_to_all_on_its_first_working_moment(ranking: Service):
    story, _ = two_counties()
    await hear(ranking, story.told)
    await tick(ranking, at(10, 31))
    sunday, monday = at(11, 1, 9), at(11, 2, 9)
    assert not any(isinstance(e, RankingPublished) for e in await tick(ranking, sunday))
    assert not any(isinstance(e, RankingPublished) for e in await tick(ranking, monday - SECOND))
    said = [e for e in await tick(ranking, monday) if isinstance(e, RankingPublished)]
    assert [e.group for e in said] == list(PeerGroup)
    assert {(e.period, e.address, e.audience, e.revision, e.as_of) for e in said} == {
        ("2026-10", EVERYONE, (EVERYONE,), 1, at(11, 1, 0))
    }
    assert [s.unit for s in said[0].standings] == [YAODU, QUWO]


async def test_national_day_moves_the_publication_to_the_first_working_day_after_it(ranking: Service):
    story = Story()
    story.calendar()
    story.issue(YAODU, at(9, 10))
    await hear(ranking, story.told)
    await tick(ranking, at(9, 30))
    assert boards([e for e in await tick(ranking, at(10, 7, 12)) if isinstance(e, RankingPublished)]) == []
    published = [e for e in await tick(ranking, at(10, 8, 9)) if isinstance(e, RankingPublished)]
    assert [e.period for e in published] == ["2026-09"] * 3


async def test_a_published_month_is_frozen_and_late_data_belongs_to_the_next(ranking: Service):
    story, parts = two_counties()
    await hear(ranking, story.told)
    await tick(ranking, at(11, 2, 9))
    story.acknowledge(parts[1], at(11, 2, 10))
    story.light(parts[1], at(11, 2, 10), Light.OVERDUE)
    story.report(parts[1], at(11, 2, 10))
    before = await frozen_board(ranking)
    await hear(ranking, story.told)
    (november,) = boards(await tick(ranking, at(11, 2, 11)))
    assert isinstance(november, RankingComputed)
    assert november.period == "2026-11"
    assert [(s.unit, [str(c.denominator) for c in s.cells]) for s in november.standings] == [
        (QUWO, ["0", "1", "0", "1"])
    ]
    assert await frozen_board(ranking) == before


async def frozen_board(service: Service) -> str:
    """Every published board, as text."""
    return await service.pool.fetchval("select string_agg(b::text, E'\\n' order by b::text) from board b")


async def test_nothing_is_published_while_something_said_was_not_heard(ranking: Service):
    story, _ = two_counties()
    await hear(ranking, story.told[:-1])
    last = story.told[-1]
    await ranking.nc.jetstream().publish(last.subject(), last.model_dump_json().encode(), headers=last.headers())
    assert not any(isinstance(e, RankingPublished) for e in await tick(ranking, at(11, 2, 9)))


async def test_months_that_were_slept_through_are_published_one_by_one(ranking: Service):
    await hear(ranking, adventure(3, parts=40).told)
    said = [e for e in await tick(ranking, at(11, 10)) if isinstance(e, RankingPublished)]
    assert [e.period for e in said] == ["2026-08"] * 3 + ["2026-09"] * 3 + ["2026-10"] * 3


async def test_without_parts_nothing_is_said(ranking: Service):
    await tick(ranking, at(10, 1))
    assert await tick(ranking, at(11, 2, 9)) == []


async def test_the_input_of_a_published_board_is_kept_under_its_digest(ranking: Service):
    await hear(ranking, adventure(3, parts=40).told)
    for event in await tick(ranking, at(11, 10)):
        if isinstance(event, RankingPublished):
            assert digest_of((await ranking.blobs.get(event.digest)).decode()) == event.digest


async def test_what_belongs_to_another_node_is_not_ranked_here(ranking: Service):
    elsewhere = Story(node="14.10.00")
    part = elsewhere.issue(YAODU, at(10, 12))
    elsewhere.acknowledge(part, at(10, 13))
    elsewhere.light(part, at(10, 14), Light.OVERDUE)
    elsewhere.urge(YAODU, at(10, 14))
    await hear(ranking, elsewhere.told)
    assert {type(e) for e in await tick(ranking, at(10, 20))} == {PolicyPublished}
    for table in ("part", "red", "urging"):
        assert await ranking.pool.fetchval(f"select count(*) from {table}") == 0


async def test_a_zone_and_a_supporting_unit_stand_on_no_board(ranking: Service):
    story = Story()
    story.register("14.01.71.000.gov", "综改示范区", kind="zone")
    story.acknowledge(story.issue("14.01.71.000.gov", at(10, 12)), at(10, 13))
    story.acknowledge(story.issue(YAODU, at(10, 12), role=Role.SUPPORTING), at(10, 13))
    await hear(ranking, story.told)
    assert boards(await tick(ranking, at(10, 20))) == []


async def test_a_void_urging_breaks_no_tie(ranking: Service):
    story, parts = two_counties()
    story.acknowledge(parts[1], at(10, 13))
    notice = story.urge("14.10.21.000.fgw", at(10, 13))
    await hear(ranking, story.told)
    (board,) = boards(await tick(ranking, at(10, 14)))
    assert [(s.rank, s.unit, s.notices) for s in board.standings] == [(1, YAODU, 0), (2, QUWO, 1)]
    story.void(notice, at(10, 14, 12))
    await hear(ranking, story.told)
    (board,) = boards(await tick(ranking, at(10, 15)))
    assert [(s.rank, s.unit, s.notices) for s in board.standings] == [(1, YAODU, 0), (1, QUWO, 0)]


async def test_the_largest_board_fits_into_one_message(ranking: Service):
    story = Story()
    for place in (*COUNTIES, *(f"{city}.00" for city in CITIES)):
        story.register(f"{place}.000.gov", "新" * 24 + "自治县人民政府")
        part = story.issue(f"{place}.000.gov", at(10, 9), date(2026, 10, 14))
        story.acknowledge(part, at(10, 10))
        story.report(part, at(10, 11))
        story.light(part, at(10, 14, 18), Light.OVERDUE)
    story.told.sort(key=lambda event: (event.version, event.type))
    await hear(ranking, story.told)
    (board,) = (e for e in boards(await tick(ranking, at(10, 30))) if isinstance(e, RankingComputed))
    assert len(board.standings) == 117
    assert all(cell.points is not None for standing in board.standings for cell in standing.cells)
    assert len(board.model_dump_json().encode()) < 150_000


async def test_the_running_service_says_its_scheme_and_its_board(ranking: Service):
    """Inbox, clock and relay together, on the database's own time."""
    now = datetime.now(UTC)
    story = Story()
    story.register(YAODU, "尧都区政府")
    story.acknowledge(story.issue(YAODU, now - HOUR), now)
    async with working(ranking):
        for event in story.told:
            body = event.model_dump_json().encode()
            await ranking.nc.jetstream().publish(event.subject(), body, headers=event.headers())
        said = "select exists (select from outbox where type = 'ranking.computed' and published_at is not null)"
        await until(lambda: ranking.pool.fetchval(said), 20)
    last = await ranking.nc.jetstream().get_last_msg(ranking.settings.stream, "duban.evt.v1.ranking.computed.>")
    board = RankingComputed.model_validate_json(last.data or b"")
    assert board.period == str(Period.of(now)) and [s.name for s in board.standings] == ["尧都区政府"]


async def test_a_citys_own_installation_ranks_its_counties(house: House):
    house.settings = house.settings.model_copy(update={"node": "14.10.00"})
    service = await opened_room(house)
    story = Story(node="14.10.00")
    story.acknowledge(story.issue(YAODU, at(10, 12)), at(10, 12) + HOUR)
    await hear(service, story.told)
    (board,) = boards(await tick(service, at(10, 14)))
    assert (board.address, board.owner) == ("14.10.00.000.bgt", "14.10.00")
    assert [s.unit for s in board.standings] == [YAODU]
