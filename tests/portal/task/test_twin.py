"""What pages and the API show of clocks, lights and progress is what tasks and alerts decided, for whole lives.

Time goes on while a page is read, so it may show what holds before or after.
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest

from contracts.envelope import ActorRole
from contracts.terms import Light
from services.chassis.inbox import Inbox
from services.portal.web.labels import label
from tests.portal.conftest import add_account, message
from tests.portal.task.twin_expected import DARK, clocks, counted, facts, listed, row, states, takes_part
from tests.portal.task.twin_lives import OFFICE, Life, life, stream
from tests.story.province import GAOPING

LIVES = 40
FIGURE = re.compile(r'<a[^>]*href="(/tasks\?[^"]*)"[^>]*>((?:(?!</a>).)*?)</a>', re.S)


@dataclass
class Twin:
    """The lives, and the house that knows of them, read by the office that issued them and by one of the units."""

    lives: Sequence[Life]
    office: httpx.AsyncClient
    unit: httpx.AsyncClient
    office_api: httpx.AsyncClient
    unit_api: httpx.AsyncClient

    async def compare(self, who: httpx.AsyncClient, path: str, visible: Callable, expected: Callable) -> None:
        """What is visible at `path` is what is expected at the time."""
        before = datetime.now(UTC)
        answer = await who.get(path)
        got = visible(answer)
        wanted = [expected(moment) for moment in (before, datetime.now(UTC))]
        assert got in wanted, f"{path} shows\n{got}, not\n{wanted[0]}"


@pytest.fixture
def live(service, portal, visit, api) -> Callable:
    """So many lives from one seed, handled in batches of any size, some of them twice."""

    async def come(seed: int, count: int) -> Twin:
        dice, now = Random(seed), datetime.now(UTC)
        lives = [life(dice, f"{seed}-{n}", now) for n in range(count)]
        inbox = Inbox(service)
        for batch in stream(dice, lives):
            async with service.pool.acquire() as db:
                await inbox.take(db, inbox.wanted([message(event) for event in batch]))
        await add_account(portal, "office", OFFICE, ActorRole.INSPECTOR)
        await add_account(portal, "unit", GAOPING, ActorRole.UNIT_CLERK)
        return Twin(lives, await visit("office"), await visit("unit"), await api(OFFICE), await api(GAOPING))

    return come


@pytest.mark.parametrize(
    ("seed", "count"), [(1, LIVES), *(pytest.param(n, 32, marks=pytest.mark.full) for n in range(2, 13))]
)
async def test_pages_and_api_show_what_was_decided(live, seed: int, count: int):
    twin = await live(seed, count)
    assert {each.light for one in twin.lives for each in one.lights.values()} == set(Light)
    for each in twin.lives:
        await api_of(twin, each)
        await page_of(twin, each)
    await ledger_of(twin)
    await listed_by_api(twin)
    await wall_of(twin)


async def api_of(twin: Twin, one: Life) -> None:
    """The published states, each with its light; what is planned, for those who may know it."""
    path = f"/v1/tasks/{one.matter.task.task_id}"

    def visible(answer: httpx.Response) -> tuple[Any, ...]:
        body = answer.json()
        task = {name: body[name] for name in one.matter.task.model_dump() if name != "assignments"} | lit(body)
        return task, {part["assignment_id"]: part for part in body["assignments"]}

    for who, unit in ((twin.office_api, OFFICE), (twin.unit_api, GAOPING)):
        if unit == OFFICE or takes_part(one, unit):
            await twin.compare(who, path, visible, lambda now, unit=unit: states(one, unit, now))


def lit(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in DARK}


async def page_of(twin: Twin, one: Life) -> None:
    """The header, the clocks of whoever looks, and a row for each unit."""
    path = f"/tasks/{one.matter.task.task_id}?all=1"

    def visible(answer: httpx.Response) -> tuple[Any, ...]:
        page = answer.text
        clocks = [words(each) for each in re.findall(r"<li.*?</li>", between(page, 'id="clocks"', "</section>"), re.S)]
        rows = re.findall(r'<tr id="assignment-([^"]*)">(.*?)</tr>', page, re.S)
        return words(between(page, 'id="facts"', "</p>")), clocks, {id: words(row) for id, row in rows}

    for who, unit in ((twin.office, OFFICE), (twin.unit, GAOPING)):
        if unit == OFFICE or takes_part(one, unit):
            own = one.matter.part("" if unit == OFFICE else unit)
            await twin.compare(
                who, path, visible,
                lambda now, own=own, unit=unit: (facts(one), clocks(own, now), {
                    str(part.assignment_id): row(one, part, unit, now) for part in one.matter.assignments}),
            )  # fmt: skip


def between(page: str, start: str, end: str) -> str:
    """From the end of the tag with `start` to `end`."""
    return page.partition(start)[2].partition(">")[2].partition(end)[0]


def words(markup: str) -> str:
    """What a reader sees, without any blanks."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", " ", markup)))


async def ledger_of(twin: Twin) -> None:
    """A row for each task, and one for each assignment, whatever page it stands on."""
    tasks = sorted(listed(one, one.matter.task, one.matter.task.lead_name, "") for one in twin.lives)
    parts = [(one, part) for one in twin.lives for part in one.matter.assignments]
    assignments = sorted(listed(one, part, part.unit_name, label("role", part.role)) for one, part in parts)
    for path, expected in (("/tasks?scope=issued", tasks), ("/tasks?scope=issued&rows=assignment", assignments)):
        rows, at = list[str](), path
        while at:
            page = (await twin.office.get(at)).text
            of_page = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.S)
            rows += [words(each) for each in of_page]
            at = next(iter(re.findall(r'href="([^"]*cursor=[^"]*)"', html.unescape(page))), "")
        assert sorted(rows) == expected, set(rows) ^ set(expected)


async def listed_by_api(twin: Twin) -> None:
    """Every task once, in pages of three, in whatever order: a page may well end with one that has no due date."""
    expected = {str(one.matter.task.task_id): states(one, OFFICE, datetime.now(UTC))[0] for one in twin.lives}
    for sort in ("urgent", "due", "new"):
        asked, items = {"scope": "issued", "limit": "3", "sort": sort}, list[dict[str, Any]]()
        while True:
            answer = await twin.office_api.get("/v1/tasks", params=asked)
            assert answer.status_code == 200, answer.text
            items += answer.json()["items"]
            if not (cursor := answer.json()["next_cursor"]):
                break
            asked["cursor"] = cursor
        got = {item["task_id"]: {name: item[name] for name in expected[item["task_id"]]} for item in items}
        assert len(items) == len(got) and got == expected


async def wall_of(twin: Twin) -> None:
    """Every figure of the wall is that of the published states."""
    links = {link for link, n in figures((await twin.office.get("/wall")).text)}
    assert len(links) > 30

    def visible(answer: httpx.Response) -> set[tuple[str, int]]:
        return set(figures(answer.text))

    def expected(now: datetime) -> set[tuple[str, int]]:
        return {(link, counted(twin.lives, link, now)) for link in links}

    await twin.compare(twin.office, "/wall", visible, expected)


def figures(page: str) -> Iterator[tuple[str, int]]:
    """Every link of the wall to a list, and the last number it shows."""
    for href, inner in FIGURE.findall(page):
        if numbers := re.findall(r"\d+", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", inner, flags=re.S)):
            yield html.unescape(href), int(numbers[-1])
