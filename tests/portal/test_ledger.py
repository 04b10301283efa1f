"""The ledger: what was said becomes rows that each reader sees only in part."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from contracts.envelope import Event
from services.portal.ledger.filters import Filters, read
from services.portal.identity.reader import Reader, can_see
from services.portal.store import assignments, feed, figures, notices, rankings, tasks, units
from tests.portal.conftest import CITY, CLERK, INSPECTOR, hear, reader

NOW = datetime.now(UTC)


async def test_every_task_that_was_registered_is_on_the_ledger(service, province):
    registered = [e for e in province.events if e.type == "task.registered"]
    found = await tasks.page(service.pool, INSPECTOR, Filters(), NOW, limit=200)
    assert {row["title"] for row in found.rows} == {e.title for e in registered}
    assert len(found.rows) == len(registered)
    assert await service.pool.fetchval("select count(*) from dead_letter") == 0


async def test_pages_follow_each_other_without_a_gap_or_a_repetition(service, province):
    for sort in ("urgent", "due", "new"):
        seen, cursor = [], ""
        while True:
            page = await tasks.page(service.pool, INSPECTOR, Filters(sort=sort), NOW, limit=7, cursor=cursor)
            seen += [row["task_id"] for row in page.rows]
            if not (cursor := page.next):
                break
        assert len(seen) == len(set(seen)) == 76, sort


async def test_the_facets_count_what_each_click_would_show(service, province):
    for wish in (Filters(), read({"board": "reform"}), read({"light": "overdue"}), read({"q": "高平"})):
        counted = await tasks.facets(service.pool, INSPECTOR, wish, NOW)
        for facet in ("board", "light", "state"):
            for value, n in counted[facet].items():
                shown = await tasks.page(service.pool, INSPECTOR, _with(wish, facet, value), NOW, limit=200)
                assert len(shown.rows) == n, (wish, facet, value)


def _with(wish: Filters, facet: str, value: str) -> Filters:
    return Filters(**{**wish.__dict__, facet: value})


async def test_nobody_sees_or_counts_what_is_outside_their_audience(service, province):
    for someone in (CLERK, CITY, INSPECTOR, reader("14.00.00.000.zrzyt"), reader("14.10.02.000.fgw")):
        may_see = {e.task_id for e in province.events if hasattr(e, "task_id") and _sees(someone, e)}
        page = await tasks.page(service.pool, someone, Filters(), NOW, limit=200)
        assert {row["task_id"] for row in page.rows} == may_see
        counted = await tasks.facets(service.pool, someone, Filters(), NOW)
        assert counted["total"].get("", 0) == len(may_see)


def _sees(someone: Reader, event: Event) -> bool:
    return can_see(someone, (event.address, *event.audience))


async def test_a_county_sees_its_own_tasks_and_the_inspector_all(service, province):
    assert 0 < (await tasks.facets(service.pool, CLERK, Filters(), NOW))["total"][""] < 10
    assert (await tasks.facets(service.pool, INSPECTOR, Filters(), NOW))["total"][""] == 76


async def test_views_find_a_unit_s_own_part(service, province):
    waiting = await tasks.page(service.pool, CLERK, Filters(view="unacknowledged"), NOW)
    assert [row["title"] for row in waiting.rows] == ["高平市农村饮水安全巩固提升"]
    led = await tasks.page(service.pool, CLERK, Filters(view="lead"), NOW)
    assert {row["lead"] for row in led.rows} == {CLERK.unit}


async def test_a_unit_filter_takes_an_address_a_region_or_a_name(service, province):
    for unit in ("14.00.00.000.zrzyt", "省自然资源厅", "14.05"):
        found = await tasks.page(service.pool, INSPECTOR, Filters(unit=unit), NOW, limit=200)
        assert "优化城乡建设用地增减挂钩试点改革" in {row["title"] for row in found.rows}, unit


async def test_the_clocks_of_a_part_stop_at_its_reports(service, province):
    found = (await tasks.page(service.pool, INSPECTOR, Filters(q="增减挂钩试点改革"), NOW)).rows[0]
    parts = await assignments.of_task(service.pool, found["task_id"])
    assert [part["role"] for part in parts][:3] == ["lead", "responsible", "responsible"]
    clocks = {row["kind"]: row for row in await assignments.clocks_of(service.pool, parts[0]["assignment_id"])}
    assert set(clocks) == {"deploy_1d", "feedback_3d", "resolve_7d"}
    assert clocks["deploy_1d"]["met_at"] and clocks["feedback_3d"]["met_at"] and not clocks["resolve_7d"]["met_at"]


async def test_a_document_goes_from_draft_to_received(service, province):
    page = await notices.page(service.pool, INSPECTOR)
    states = {(row["kind"], row["state"]) for row in page.rows}
    assert states == {("supervision", "received"), ("urging", "sent"), ("supervision", "sent"), ("urging", "draft")}
    mine = await notices.page(service.pool, CLERK)
    assert len(mine.rows) == 2 and await notices.waiting(service.pool, CLERK.unit) == 2
    assert all(row["state"] != "draft" for row in mine.rows)


async def test_a_unit_sees_published_boards_and_the_office_the_running_one(service, province):
    month = f"{NOW:%Y-%m}"
    assert await rankings.of_period(service.pool, CLERK, month) == {}
    assert set(await rankings.of_period(service.pool, INSPECTOR, month)) == {"city", "county", "department"}
    assert len(await rankings.periods(service.pool, CLERK)) == 2


async def test_the_feed_gives_a_unit_every_event_it_may_see_once_and_in_order(service, province):
    expected = [e.id for e in province.events if _sees(CLERK, e)]
    got, cursor = [], ""
    while True:
        pulled = await feed.after(service.pool, CLERK, cursor, 200)
        if not pulled.events:
            break
        got += [(row["event_id"], row["type"]) for row in pulled.events]
        cursor = pulled.next
    register = {"unit.registered", "calendar.revised", "policy.published"}
    assert len(got) == len(set(got))
    assert [id for id, kind in got if kind not in register] == expected


async def test_a_cursor_of_another_epoch_starts_over(service, province):
    pulled = await feed.after(service.pool, CLERK, "", 5)
    await service.pool.execute("update feed_epoch set epoch = gen_random_uuid()")
    again = await feed.after(service.pool, CLERK, pulled.next, 5)
    assert [r["seq"] for r in again.events] == [r["seq"] for r in pulled.events]


async def test_the_war_room_s_figures_agree_with_the_ledger(service, province):
    boards = await figures.boards(service.pool, INSPECTOR, NOW)
    assert sum(row["total"] for row in boards.values()) == 76
    lights = await figures.lights(service.pool, INSPECTOR)
    counted = await tasks.facets(service.pool, INSPECTOR, Filters(), NOW)
    assert lights == {light: n for light, n in counted["light"].items() if light != "none"}
    places = await figures.places(service.pool, INSPECTOR, "14.00.00.000", 5)
    assert "14.05" in places and "14.00.00.000.zrzyt" in places
    met, judged = (await figures.rates(service.pool, INSPECTOR, NOW))["deploy_1d"]
    assert 0 < met <= judged


async def test_the_rates_say_how_things_went_in_the_last_thirty_days(service, province):
    _, judged = (await figures.rates(service.pool, INSPECTOR, NOW))["deploy_1d"]
    in_time = "select count(*) from clock where kind = 'deploy_1d' and due > $1 and (due <= $2 or met_at is not null)"
    assert judged == await service.pool.fetchval(in_time, NOW - timedelta(days=30), NOW)
    assert judged < await service.pool.fetchval(in_time, NOW - timedelta(days=3000), NOW)
    assert "deploy_1d" not in await figures.rates(service.pool, INSPECTOR, NOW + timedelta(days=400))


async def test_a_unit_is_found_by_any_of_its_names(service, province):
    assert (await units.named(service.pool, "省自然资源厅"))["unit"] == "14.00.00.000.zrzyt"
    assert await units.named(service.pool, "没有这个单位") is None


async def test_what_is_said_on_the_bus_reaches_the_ledger(service, province):
    event = next(e for e in province.events if e.type == "task.advanced")
    version = province.versions[event.aggregate]
    later = event.model_copy(update={"id": uuid4(), "version": version + 1, "title": "改了名的事项"})
    await hear(service, [later])
    found = await tasks.page(service.pool, INSPECTOR, Filters(), NOW, limit=200)
    assert "改了名的事项" in {row["title"] for row in found.rows}
