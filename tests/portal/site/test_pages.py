"""The pages without scripts: what opens for whom, and what they do with odd addresses."""

import re

import asyncpg
import pytest
from nats.errors import NoServersError

from contracts.envelope import ActorRole
from tests.portal.province import WATER_SUPPLY
from tests.story.province import OFFICE

PAGES = (
    "/wall",
    "/tasks",
    "/tasks?view=mine",
    "/tasks?scope=own",
    "/notices",
    "/rankings",
    "/search",
    "/docs",
    "/docs/api",
)


@pytest.mark.parametrize("login", ["ducha", "duchayuan", "leader", "zrzyt", "gaoping-head"])
async def test_every_page_opens_for_everybody(visit, login):
    someone = await visit(login)
    for path in PAGES:
        assert (await someone.get(path)).status_code == 200, path


async def test_every_table_has_a_heading_over_each_column(visit, province):
    someone = await visit("ducha")
    for path in ("/tasks", "/notices", "/rankings", f"/tasks/{province.task_id(WATER_SUPPLY)}"):
        tables = re.findall(r"<table.*?</table>", (await someone.get(path)).text, re.S)
        assert tables, path
        for table in tables:
            first = re.search(r"<tbody.*?(<tr.*?</tr>)", table, re.S)
            assert table.count('scope="col"') == len(re.findall(r"<t[hd]\b", first[1])) > 0, path


@pytest.mark.parametrize(
    "query",
    ["", "?board=reform", "?light=overdue", "?q=高平", "?due=none", "?view=lead", "?unit=14.05", "?scope=issued",
     "?scope=own", "?rows=assignment&role=accountable", "?clock=deploy_1d.judged&scope=issued"],
)  # fmt: skip
async def test_the_ledger_shows_as_many_rows_as_it_counts(visit, query):
    page = (await (await visit("ducha")).get(f"/tasks{query}")).text
    total = int(re.search(r"共 (\d+) [条件]", page)[1])
    assert page.count('<th scope="row">') == min(total, 50)


async def test_a_filter_the_portal_does_not_know_means_nothing(visit):
    someone = await visit("ducha")
    assert (await someone.get("/tasks?board=nonsense&light=<script>&sort=x&figure=y")).status_code == 200
    assert (await someone.get("/tasks?cursor=abc")).status_code == 422


async def test_text_of_others_is_shown_and_never_run(visit):
    page = (await (await visit("ducha")).get("/tasks?q=<script>alert(1)</script>")).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("address", ["/tasks/abc", "/notices/abc", "/tasks/abc/stream", "/nowhere"])
async def test_an_address_that_is_none_is_answered_with_a_page(visit, address):
    answer = await (await visit("ducha")).get(address)
    assert answer.status_code == 404 and "没有找到" in answer.text


async def test_a_filter_with_a_zero_byte_is_read_without_it(visit):
    assert (await (await visit("ducha")).get("/tasks?q=%00&unit=%00")).status_code == 200


async def test_search_says_when_it_is_not_there(visit):
    answer = await (await visit("ducha")).get("/search?q=高铁")
    assert answer.status_code == 503 and "搜索暂时不可用" in answer.text


async def test_a_refusal_has_the_same_status_on_a_page_as_over_rest():
    from contracts.refusals import Kind
    from services.portal.web.problems import STATUSES

    assert set(STATUSES) == set(Kind) and STATUSES[Kind.CONFLICT] == 409 and STATUSES[Kind.STALE] == 412


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConnectionResetError("gone"), 503),
        (asyncpg.InterfaceError("connection is closed"), 503),
        (asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"), 503),
        (asyncpg.CannotConnectNowError("the database system is starting up"), 503),
        (NoServersError(), 503),
        (asyncpg.DataError("value out of int32 range"), 500),
    ],
)
@pytest.mark.parametrize("path", ["/tasks", "/v1/tasks"])
async def test_a_lost_connection_is_503_and_a_bug_is_not(visit, api, monkeypatch, error, status: int, path: str):
    async def failing(*_: object, **__: object) -> object:
        raise error

    someone = await visit("ducha") if path == "/tasks" else await api(OFFICE, ActorRole.INSPECTOR)
    monkeypatch.setattr("services.portal.ledger.queries.page", failing)
    answer = await someone.get(path)
    assert answer.status_code == status and ("retry-after" in answer.headers) is (status == 503)
