"""Publishing by command: who may, when, and that no rank can be set by hand."""

import json
from datetime import datetime

import pytest

from contracts.commands.ranking import PublishRanking
from contracts.envelope import Actor, ActorRole, Done
from contracts.events.ranking import RankingPublished
from contracts.refusals import Kind, Refused
from services.chassis import commands
from services.chassis.service import Service
from tests.ranking.conftest import deliver, tick
from tests.ranking.others import Others
from tests.ranking.rankings.test_ticks import published, two_counties
from tests.story import moment
from tests.story.province import (
    OFFICE,
    QUWO,
    REFORM,
    YAODU,
    YAODU_OFFICE,
    inspector,
    leader,
    person,
    supervisor,
)

SUNDAY = moment("2026-11-01 08:00")


async def ask(
    service: Service, period: str = "2026-10", actor: Actor | None = None, now: datetime = SUNDAY
) -> Done | Refused:
    """The answer at a moment of the demo's own clock."""
    await service.pool.execute("insert into mark (name) values ('demo') on conflict do nothing")
    body = PublishRanking(actor=actor or supervisor(), period=period).model_dump_json().encode()
    return (await commands.answer(service, PublishRanking, body, now.isoformat()))[0]


async def refused(service: Service, **asked) -> Refused:
    answer = await ask(service, **asked)
    assert isinstance(answer, Refused), answer
    return answer


async def emitted(service: Service) -> list[RankingPublished]:
    rows = await service.pool.fetch("select body from outbox where type = 'ranking.published' order by seq")
    return [RankingPublished.model_validate_json(row["body"]) for row in rows]


@pytest.fixture
async def october(ranking: Service) -> Service:
    """Two counties in October, and a scheme."""
    story, *_ = two_counties()
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-30 10:00"))
    return ranking


async def test_a_finished_month_is_published_before_time_does_it(october: Service):
    answer = await ask(october)
    assert isinstance(answer, Done)
    assert answer.detail == {"period": "2026-10", "revisions": {"county": 1, "city": 1, "department": 1}}
    assert [(e.ranking.group, e.ranking.revision, e.version) for e in await emitted(october)] == [
        ("county", 1, 1), ("city", 1, 1), ("department", 1, 1),
    ]  # fmt: skip
    assert not published(await tick(october, moment("2026-11-02 09:00")))


async def test_the_running_month_is_refused_with_the_day_from_which_it_goes(october: Service):
    answer = await refused(october, now=moment("2026-10-31 23:00"))
    assert (answer.kind, answer.code, answer.pointer) == (Kind.CONFLICT, "period_running", "/period")
    assert "2026-10尚未结束" in answer.message and "次月1日以后" in answer.message
    assert (await refused(october, period="2027-01")).code == "period_running"


@pytest.mark.parametrize(
    "actor",
    [
        inspector(),
        person(OFFICE, ActorRole.OPERATOR, ActorRole.UNIT_HEAD),
        supervisor(REFORM),
        leader(REFORM),
        leader(OFFICE),
        supervisor(YAODU_OFFICE),
        leader(YAODU),
    ],
    ids=str,
)
async def test_nobody_but_the_office_that_issued_it_and_its_leaders_may(october: Service, actor):
    answer = await refused(october, actor=actor)
    assert (answer.kind, answer.code) == (Kind.FORBIDDEN, "forbidden")
    assert await emitted(october) == []


@pytest.mark.parametrize("actor", [supervisor(), leader()], ids=str)
async def test_the_offices_supervisor_and_a_leader_of_its_government_may(october: Service, actor):
    assert isinstance(await ask(october, actor=actor), Done)


async def test_nobody_may_while_the_office_is_not_on_the_register(ranking: Service):
    assert (await refused(ranking)).code == "forbidden"


async def test_a_month_before_the_first_assignment_is_refused(october: Service):
    answer = await refused(october, period="2026-09")
    assert (answer.kind, answer.code) == (Kind.CONFLICT, "nothing_issued")
    assert "最早可公布的是2026-10" in answer.message
    await october.pool.execute("truncate evidence")
    assert (await refused(october)).code == "nothing_issued"


async def test_what_would_be_the_same_is_not_published_again(october: Service):
    await ask(october)
    answer = await refused(october, now=moment("2026-12-01 10:00"))
    assert (answer.kind, answer.code) == (Kind.CONFLICT, "unchanged")
    assert len(await emitted(october)) == 3


async def test_a_revision_follows_the_same_rules_and_leaves_the_first_alone(ranking: Service):
    story, *_ = two_counties()
    others = Others(story.at("2026-10-20 10:00"))
    urging = others.deliver(YAODU)
    await deliver(ranking, story.events)
    await tick(ranking, moment("2026-10-30 10:00"))
    await ask(ranking)
    first = "select row(r.*)::text from ranking r where peers = 'county' and revision = 1"
    before = await ranking.pool.fetchval(first)
    others.story.at("2026-10-31 10:00")
    others.withdraw(urging)
    await deliver(ranking, story.events)
    answer = await ask(ranking, now=moment("2026-11-20 10:00"))
    assert isinstance(answer, Done) and answer.detail["revisions"] == {"county": 2}
    assert answer.aggregate == "ranking/2026-10.county" and answer.version == 2
    one, two = (e.ranking for e in await emitted(ranking) if e.ranking.group == "county")
    assert (one.rows[0].notices, two.rows[0].notices) == (1, 0)
    assert (two.as_of, two.revision) == (moment("2026-11-01 00:00"), 2)
    assert await ranking.pool.fetchval(first) == before


async def test_nothing_is_published_while_an_event_waits(october: Service):
    story, *_ = two_counties()
    story.at("2026-10-30 10:00")
    story.register(lead=QUWO)
    event = story.events[-1]
    await october.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
    answer = await refused(october)
    assert (answer.kind, answer.code) == (Kind.UNAVAILABLE, "behind") and "1条" in answer.message


async def test_no_field_sets_a_rank_or_a_score(october: Service):
    assert set(PublishRanking.model_fields) == {"id", "actor", "expected_version", "period"}
    body = PublishRanking(actor=supervisor(), period="2026-10").model_dump(mode="json") | {"rank": 1}
    answer, _ = await commands.answer(october, PublishRanking, json.dumps(body).encode())
    assert isinstance(answer, Refused) and (answer.kind, answer.pointer) == (Kind.INVALID, "/rank")
