"""Publishing by command: who may, when, and that no rank can be set by hand."""

import json
from datetime import datetime

from contracts.commands.ranking import PublishRanking
from contracts.envelope import Actor, ActorRole, Done
from contracts.events.ranking import RankingPublished
from contracts.refusals import Refused
from services.chassis import commands
from services.chassis.service import Service
from tests.ranking.conftest import hear, tick
from tests.ranking.story import OFFICE, Story, at
from tests.ranking.test_clock import QUWO, YAODU, two_counties

SUNDAY = at(11, 1, 8)
SUPERVISOR = Actor(person="王敏", unit=OFFICE, roles=(ActorRole.SUPERVISOR,))


async def ask(
    service: Service, period: str = "2026-10", actor: Actor = SUPERVISOR, now: datetime = SUNDAY
) -> Done | Refused:
    """The desk's answer, at a moment of the demo's own clock."""
    await service.pool.execute("insert into mark (name) values ('demo') on conflict do nothing")
    body = PublishRanking(actor=actor, period=period).model_dump_json().encode()
    desk = service.handlers.desks[PublishRanking]
    return (await commands.answered(service, desk, body, now.isoformat()))[0]


async def said(service: Service) -> list[RankingPublished]:
    rows = await service.pool.fetch("select body from outbox where type = 'ranking.published' order by seq")
    return [RankingPublished.model_validate_json(row["body"]) for row in rows]


async def told(service: Service, story: Story) -> None:
    await hear(service, story.told)
    await tick(service, at(10, 30))


async def test_a_finished_month_is_published_before_the_clock_does_it(ranking: Service):
    story, _ = two_counties()
    await told(ranking, story)
    answer = await ask(ranking)
    assert isinstance(answer, Done)
    assert answer.detail == {"period": "2026-10", "revisions": {"county": 1, "city": 1, "department": 1}}
    assert [(e.group, e.revision, e.version) for e in await said(ranking)] == [
        ("county", 1, 1), ("city", 1, 1), ("department", 1, 1),
    ]  # fmt: skip
    assert not any(isinstance(e, RankingPublished) for e in await tick(ranking, at(11, 2, 9)))


async def test_the_running_month_is_refused_with_the_day_from_which_it_goes(ranking: Service):
    story, _ = two_counties()
    await told(ranking, story)
    answer = await ask(ranking, now=at(10, 31, 23))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("period_running", "/period")
    assert "2026-10尚未结束" in answer.message and "次月1日以后" in answer.message
    future = await ask(ranking, "2027-01")
    assert isinstance(future, Refused) and future.code == "period_running"


async def test_only_a_supervisor_or_leader_of_this_node_may(ranking: Service):
    story, _ = two_counties()
    await told(ranking, story)
    for actor in (
        Actor(person="a", unit=OFFICE, roles=(ActorRole.INSPECTOR, ActorRole.OPERATOR, ActorRole.UNIT_HEAD)),
        Actor(person="b", unit="14.10.02.000.bgt", roles=(ActorRole.SUPERVISOR,)),
    ):
        answer = await ask(ranking, actor=actor)
        assert isinstance(answer, Refused) and answer.code == "forbidden"
    leader = Actor(person="c", unit="14.00.00.000.gov", roles=(ActorRole.LEADER,))
    assert isinstance(await ask(ranking, actor=leader), Done)


async def test_a_month_before_the_first_part_is_refused(ranking: Service):
    assert (await ask(ranking)).code == "nothing_known"
    story, _ = two_counties()
    await told(ranking, story)
    answer = await ask(ranking, "2026-09")
    assert isinstance(answer, Refused) and answer.code == "nothing_known" and "2026-10" in answer.message


async def test_what_would_be_the_same_is_not_published_again(ranking: Service):
    story, _ = two_counties()
    await told(ranking, story)
    await ask(ranking)
    answer = await ask(ranking, now=at(12, 1))
    assert isinstance(answer, Refused) and answer.code == "unchanged"
    assert len(await said(ranking)) == 3


async def test_a_revision_follows_the_same_rules_and_leaves_the_first_alone(ranking: Service):
    story, _ = two_counties()
    notice = story.urge(YAODU, at(10, 20))
    await told(ranking, story)
    await ask(ranking)
    first = await ranking.pool.fetchval("select row(b.*)::text from board b where peers = 'county' and revision = 1")
    late = Story()
    late.parts, late.versions = story.parts, story.versions
    late.void(notice, at(10, 31))
    await hear(ranking, late.told)
    answer = await ask(ranking, now=at(11, 20))
    assert isinstance(answer, Done) and answer.detail["revisions"] == {"county": 2}
    assert answer.aggregate == "ranking/2026-10.county" and answer.version == 2
    one, two = (e for e in await said(ranking) if e.group == "county")
    assert (one.standings[0].notices, two.standings[0].notices, two.as_of) == (1, 0, at(11, 1, 0))
    again = "select row(b.*)::text from board b where peers = 'county' and revision = 1"
    assert await ranking.pool.fetchval(again) == first


async def test_nothing_is_published_while_something_said_was_not_heard(ranking: Service):
    story, _ = two_counties()
    await told(ranking, story)
    more = Story()
    more.issue(QUWO, at(10, 30))
    event = more.told[-1]
    await ranking.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
    answer = await ask(ranking)
    assert isinstance(answer, Refused) and answer.code == "behind" and "1条" in answer.message


async def test_no_field_sets_a_rank_or_a_score(ranking: Service):
    assert set(PublishRanking.model_fields) == {"id", "actor", "expected_version", "period"}
    body = PublishRanking(actor=SUPERVISOR, period="2026-10").model_dump(mode="json") | {"rank": 1}
    answer, _ = await commands.answered(ranking, ranking.handlers.desks[PublishRanking], json.dumps(body).encode())
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("invalid", "/rank")
