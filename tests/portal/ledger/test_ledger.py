"""Lists of tasks and of assignments: each reader sees, counts and pages what is meant for them, and nothing else."""

from datetime import UTC, datetime

import pytest

from contracts.events.task import TaskEvent
from services.portal.identity.audience import audience_of
from services.portal.ledger import queries
from services.portal.ledger.filters import Filters, read
from tests.portal.conftest import CITY, CLERK, INSPECTOR, LEADER, reader
from tests.portal.province import FINANCE, LAND, LAND_REFORM, WATER_SUPPLY
from tests.story.province import POLICE, YAODU_REFORM

NOW = datetime.now(UTC)
READERS = [CLERK, CITY, INSPECTOR, LEADER, reader(LAND), reader(POLICE), reader(YAODU_REFORM)]


async def titles(service, someone, **view) -> set[str]:
    return {row["title"] for row in (await queries.page(service.pool, someone, Filters(**view), NOW, limit=200)).rows}


async def test_every_registered_task_is_on_the_ledger(service, province):
    stored = await service.pool.fetch("select title from task")
    assert sorted(row["title"] for row in stored) == sorted(province.matters)
    assert await service.pool.fetchval("select count(*) from dead_letter") == 0


@pytest.mark.parametrize("someone", READERS, ids=lambda r: r.unit)
async def test_nobody_sees_or_counts_what_is_not_meant_for_them(service, province, someone):
    tasks = [e for e in province.events if isinstance(e, TaskEvent)]
    meant = {e.task.title for e in tasks if someone.sees(tuple(audience_of(e)))}
    assert await titles(service, someone) == meant
    counted = await queries.facets(service.pool, someone, Filters(), NOW)
    assert counted["total"].get("", 0) == len(meant)


async def test_an_office_s_staff_and_its_leader_see_the_same_tasks(service, province):
    assert await titles(service, INSPECTOR) == await titles(service, LEADER)


@pytest.mark.parametrize("view", [{}, {"scope": "own"}, {"scope": "issued", "rows": "assignment"}])
@pytest.mark.parametrize("sort", ["urgent", "due", "new"])
async def test_pages_follow_each_other_without_a_gap_or_a_repetition(service, province, sort, view):
    seen, cursor, someone = [], "", reader(FINANCE) if view.get("scope") == "own" else INSPECTOR
    while True:
        page = await queries.page(service.pool, someone, Filters(sort=sort, **view), NOW, limit=1, cursor=cursor)
        seen += [row["id"] for row in page.rows]
        if not (cursor := page.next):
            break
    counted = await queries.facets(service.pool, someone, Filters(**view), NOW)
    assert len(seen) == len(set(seen)) == counted["total"][""] > 1


@pytest.mark.parametrize(
    "query", [{}, {"board": "reform"}, {"light": "overdue"}, {"q": "高平"}, {"rows": "assignment"}]
)
async def test_the_facets_count_what_each_click_would_show(service, province, query):
    view = read(query)
    counted = await queries.facets(service.pool, INSPECTOR, view, NOW)
    for facet in ("board", "light", "state"):
        for value, n in counted[facet].items():
            clicked = Filters(**{**view.__dict__, facet: value})
            page = await queries.page(service.pool, INSPECTOR, clicked, NOW, limit=200)
            assert len(page.rows) == n, (facet, value)


async def test_views_hold_a_unit_s_own_part(service, province):
    assert await titles(service, CLERK, view="unacknowledged") == {WATER_SUPPLY}
    led = await queries.page(service.pool, CLERK, Filters(view="lead", scope="own"), NOW)
    assert {row["unit"] for row in led.rows} == {CLERK.unit} and led.rows


@pytest.mark.parametrize("unit", [LAND, "省自然资源厅", "14.05", "14.10"])
async def test_a_unit_filter_takes_an_address_a_region_or_a_name(service, province, unit):
    assert LAND_REFORM in await titles(service, INSPECTOR, unit=unit)


async def test_the_search_box_looks_through_titles_numbers_and_units(service, province):
    number = province.matters[LAND_REFORM].task.number
    for text in ("增减挂钩", number, "省财政厅"):
        assert LAND_REFORM in await titles(service, INSPECTOR, q=text), text


async def test_own_lists_the_unit_s_assignments_with_their_own_state(service, province):
    finance = reader(FINANCE)
    page = await queries.page(service.pool, finance, Filters(scope="own", q="增减挂钩"), NOW)
    assert [(row["unit"], row["percent"], row["role"]) for row in page.rows] == [(FINANCE, 20, "responsible")]
