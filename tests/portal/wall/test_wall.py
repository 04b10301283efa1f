"""The wall: whose figures it counts, and that each of them opens to a list of exactly that length."""

import html
import re

import pytest

from contracts.envelope import ActorRole
from tests.portal.conftest import add_account
from tests.portal.province import CITY_TASK, COUNTY_TASK, EARLY, LAND, LATE
from tests.story.province import GAOPING, LINFEN_OFFICE, OFFICE

FIGURE = re.compile(r'<a[^>]*href="(/tasks\?[^"]*)"[^>]*>((?:(?!</a>).)*?)</a>', re.S)


def figures(page: str) -> list[tuple[str, int]]:
    """Every link of the wall to a list, and the last number it shows."""
    result = []
    for href, inner in FIGURE.findall(page):
        numbers = re.findall(r"\d+", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", inner, flags=re.S))
        if numbers:
            result.append((html.unescape(href), int(numbers[-1])))
    return result


async def length(someone, href: str) -> int:
    return int(re.search(r"共 (\d+) [条件]", (await someone.get(href)).text)[1])


@pytest.mark.parametrize(
    ("unit", "role"),
    [
        (OFFICE, ActorRole.SUPERVISOR),
        ("14.00.00.000.gov", ActorRole.LEADER),
        (LINFEN_OFFICE, ActorRole.INSPECTOR),
        (GAOPING, ActorRole.UNIT_CLERK),
        (LAND, ActorRole.UNIT_HEAD),
        ("14.10.02.000.gov", ActorRole.UNIT_HEAD),
    ],
)
async def test_every_figure_opens_to_a_list_of_exactly_that_length(visit, portal, unit, role):
    await add_account(portal, "someone", unit, role)
    someone = await visit("someone")
    visible = figures((await someone.get("/wall")).text)
    assert len(visible) > 15 and any(n for _, n in visible)
    for href, n in visible:
        assert await length(someone, href) == n, href


async def test_an_office_counts_what_it_issued_and_says_so(visit, portal, province):
    page = (await (await visit("ducha")).get("/wall")).text
    assert "省政府办公厅交办的事项" in page
    counted = len(province.matters) - 4  # two of the city's, one suspended, one cancelled
    assert re.search(rf'figure=total[^>]*">{counted}</a>', page)
    await add_account(portal, "linfen", LINFEN_OFFICE, ActorRole.SUPERVISOR)
    page = (await (await visit("linfen")).get("/wall")).text
    assert "临汾市政府办公室交办的事项" in page and re.search(r'figure=total[^>]*">2</a>', page)


async def test_a_unit_that_issues_nothing_counts_what_it_has_to_do(visit):
    page = (await (await visit("gaoping")).get("/wall")).text
    assert "高平市承办的事项" in page and re.search(r'scope=own&amp;figure=total">2</a>', page)


async def test_a_county_s_early_closure_hides_no_overdue_task(visit, province):
    someone = await visit("ducha")
    done = (await someone.get("/tasks?scope=issued&figure=done")).text
    assert LATE in done and EARLY not in done
    behind = (await someone.get("/tasks?scope=issued&figure=behind")).text
    assert province.matters[LATE].task.title not in behind and "增减挂钩" in behind


async def test_the_map_and_the_league_are_of_the_reader_s_own_tier(visit, portal):
    await add_account(portal, "linfen", LINFEN_OFFICE, ActorRole.SUPERVISOR)
    province, city = (await (await visit("ducha")).get("/wall")).text, (await (await visit("linfen")).get("/wall")).text
    assert "临汾市</b>" in province and "尧都区</b>" not in province
    assert "尧都区</b>" in city and "高平市</b>" not in city and "晋城市</b>" not in city
    county = (await (await visit("gaoping")).get("/wall")).text
    assert "晋城市</b>" not in county and "县（市、区）排名" in county


async def test_the_ticker_tells_only_what_the_reader_may_see(visit, province):
    page = (await (await visit("gaoping")).get("/wall")).text
    ticker = page.partition('class="w-feed')[2]
    assert CITY_TASK not in ticker and COUNTY_TASK not in ticker and "高平" in ticker
