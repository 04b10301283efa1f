"""The feed: every event as it came, to each reader those meant for them, in order."""

import json

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.workdays import ClockKind
from services.chassis.inbox import Inbox
from services.portal.feed import queries
from services.portal.feed.timeline import is_shown, line
from services.portal.identity.audience import audience_of
from services.portal.web.formats import exactly
from tests.portal.conftest import CITY, CLERK, INSPECTOR, handle, message, reader
from tests.portal.province import LAND_REFORM
from tests.story import Story
from tests.story.lights import miss
from tests.story.province import OFFICE, POLICE, YAODU


async def pulled(service, someone, limit: int = 200):
    got, cursor = [], ""
    while True:
        page = await queries.after(service.pool, someone, cursor, limit)
        if not page.events:
            return got, cursor
        got += page.events
        cursor = page.next


async def test_a_reader_pulls_every_event_that_is_meant_for_them_once_and_in_order(service, province):
    for someone in (CLERK, CITY, INSPECTOR, reader(POLICE)):
        meant = [
            e.id for e in province.events if someone.sees(tuple(audience_of(e))) and "ranking_draft" not in e.aggregate
        ]
        assert [row["event_id"] for row in (await pulled(service, someone))[0]] == meant


async def test_a_reader_pulls_some_types_alone_and_the_cursor_passes_over_the_rest(service, province):
    every = [row["type"] for row in (await pulled(service, INSPECTOR))[0]]
    for types, limit in ((["assignment"], 3), (["assignment.reported", "notice"], 200), (["ranking"], 1)):
        wanted = [each for each in every if each in types or each.partition(".")[0] in types]
        got, cursor = [], ""
        while (page := await queries.after(service.pool, INSPECTOR, cursor, limit, types)).events:
            got += [row["type"] for row in page.events]
            cursor = page.next
        assert got == wanted, types
    nothing = await queries.after(service.pool, INSPECTOR, "", 10, ["command.answered"])
    assert nothing.events == [] and (await queries.after(service.pool, INSPECTOR, nothing.next, 10)).events == []


async def test_an_operator_pulls_nothing(service, province):
    from contracts.envelope import ActorRole

    assert (await pulled(service, reader(OFFICE, ActorRole.OPERATOR)))[0] == []


async def test_a_cursor_of_another_epoch_starts_over(service, province):
    first = await queries.after(service.pool, CLERK, "", 5)
    await service.pool.execute("update feed_epoch set epoch = gen_random_uuid()")
    again = await queries.after(service.pool, CLERK, first.next, 5)
    assert [r["seq"] for r in again.events] == [r["seq"] for r in first.events]


async def test_an_unknown_member_of_a_family_is_kept_as_it_came_with_fields_nobody_knows(service, province):
    event = next(e for e in province.events if isinstance(e, AssignmentEvent) and CLERK.sees(e.audience))
    body = json.loads(event.model_dump_json())
    body |= {"id": "0" * 8 + body["id"][8:], "version": province.next_version(event.aggregate), "flag": "red"}
    body["assignment"] |= {"version": body["version"], "state": "verified", "invented": 7}
    raw = message(event)._replace(kind="assignment.flagged", body=json.dumps(body).encode())
    async with service.pool.acquire() as connection:
        await Inbox(service).handle(connection, [raw])
    last = (await pulled(service, CLERK))[0][-1]
    assert last["type"] == "assignment.flagged" and json.loads(last["body"]) == body
    row = await service.pool.fetchrow(
        "select state, body from assignment where assignment_id = $1", event.assignment.assignment_id
    )
    assert row["state"] == "verified" and json.loads(row["body"])["invented"] == 7


async def test_what_is_published_on_the_bus_reaches_feed_and_ledger(service, province):
    story = province.story.at(province.now)
    seen = len(story.events)
    matter = story.register("新登记的事项", lead=YAODU)
    await handle(service, story.events[seen:])
    assert (
        await service.pool.fetchval("select title from task where task_id = $1", matter.task.task_id) == "新登记的事项"
    )
    del story.events[seen:]


def test_a_timeline_shows_a_family_except_what_follows_from_another_line():
    story = Story()
    matter = story.register(lead=POLICE, responsible=[YAODU])
    matter.acknowledge()
    matter.suspend()
    visible = [event.type for event in story.events if is_shown(event)]
    assert visible == ["task.registered", "assignment.acknowledged", "assignment.suspended"]
    unknown = type("AssignmentFlagged", (AssignmentEvent,), {"type": "assignment.flagged"})
    assert is_shown(unknown.model_construct(assignment=matter.part()))
    assert not is_shown(Event.model_construct(type="unit.registered"))


def test_a_line_names_the_unit_and_the_person_by_name():
    story = Story()
    matter = story.register("封闭水井", lead=POLICE)
    (event, *_) = matter.acknowledge()
    visible = line(event.type, event.time, json.loads(event.model_dump_json()), "李某")
    assert visible.who == "省公安厅 · 李某" and visible.text == "责任人 张某。" and visible.title == "封闭水井"


def test_a_line_names_every_clock_that_had_run_out_before_the_assignment_was_entered():
    story = Story("2026-11-23 10:00")
    matter = story.register(lead=POLICE, t0="2026-09-18 10:00", historical_before=story.now)
    event = miss(story, matter, ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, historical=True)
    text = line(event.type, event.time, json.loads(event.model_dump_json())).text
    deploy, feedback, _ = (exactly(clock.due) for clock in matter.part().clocks)
    assert text == f"“1日内研究部署”已过时限 {deploy}。“3日内反馈”已过时限 {feedback}。"


async def test_a_timeline_holds_the_task_s_documents_and_only_what_the_reader_may_see(service, province):
    task_id = province.task_id(LAND_REFORM)
    office = await queries.of_task(service.pool, INSPECTOR, task_id, 100)
    assert any("示督" in each.text for each in office.lines) and office.total == len(office.lines)
    assert any("财政厅的内部材料" in each.text for each in office.lines)
    finance = await queries.of_task(service.pool, reader("14.00.00.000.czt"), task_id, 100)
    texts = " ".join(each.text for each in finance.lines)
    assert "财政厅的内部材料" in texts and "自然资源厅的内部材料" not in texts and "示督" not in texts
    assert (await queries.of_task(service.pool, INSPECTOR, task_id, 2)).total == office.total
