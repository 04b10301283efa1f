"""What an operator types: tokens and accounts for persons of the register."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner, Result

from contracts.envelope import ActorRole
from services.portal.cli import app
from services.portal.identity import queries, tokens
from tests.portal.conftest import sign_in
from tests.story.province import GAOPING, GOVERNMENT, OFFICE, clerk

SECRET = "a long enough password"
LI = clerk(GAOPING).person


@pytest.fixture
def duban(service, monkeypatch):
    """The operator's command before this database."""
    monkeypatch.setenv("DUBAN_PG_DSN", service.settings.pg_dsn)
    monkeypatch.setenv("COLUMNS", "300")

    async def typed(*words: str, text: str = "") -> Result:
        with ThreadPoolExecutor(1) as beside:  # the command runs a loop of its own
            call = beside.submit(CliRunner().invoke, app, words, text)
            return await asyncio.wrap_future(call)

    return typed


async def bearer(portal, token: str):
    return await tokens.bearer(portal.db, f"Bearer {token}", (await portal.reference()).units)


async def test_a_token_is_printed_once_and_speaks_for_its_person_and_the_person_s_unit(duban, portal):
    printed = (await duban("token", "--person", LI, "--role", "unit_head", "--name", "高平市系统")).output.strip()
    reader = (await bearer(portal, printed)).reader
    assert (reader.unit, reader.roles, reader.unit_name) == (GAOPING, (ActorRole.UNIT_HEAD,), "高平市政府")
    assert reader.person == LI and reader.person_name == "高平市政府李某"
    assert "已吊销 1 个令牌" in (await duban("revoke", "高平市系统")).output
    assert await bearer(portal, printed) is None


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("--person", "nobody", "--role", "unit_head"), "请先登记该人员"),
        (("--person", LI, "--role", "unit_head", "--unit", "高平市"), "14.10.02.000.gov"),
        (("--person", LI, "--role", "unit_head", "--unit", OFFICE), "请核对单位"),
        (("--person", LI, "--role", "supervisor"), "可授予"),
        (("--person", clerk(OFFICE).person, "--role", "leader"), "不能授予“领导”"),
    ],
)
async def test_nobody_off_the_register_and_no_role_a_unit_cannot_grant_gets_a_token(duban, service, words, remedy):
    answer = await duban("token", *words)
    assert answer.exit_code == 2 and remedy in answer.output, answer.output
    assert await service.pool.fetchval("select count(*) from token") == 0


async def test_an_office_grants_what_oversees_and_its_government_the_leader(duban):
    for person, role in ((clerk(OFFICE).person, "inspector"), ("lijianguo", "leader")):
        assert (await duban("token", "--person", person, "--role", role)).exit_code == 0


async def test_an_account_is_opened_once_for_a_person_of_the_register(duban, visit):
    words = ("accounts", "add", "zhangsan", "--person", LI, "--role", "unit_clerk")
    assert (await duban(*words, text="short\nshort\n")).exit_code == 2
    assert "已开通账号" in (await duban(*words, text=f"{SECRET}\n{SECRET}\n")).output
    assert "已存在" in (await duban(*words, text=f"{SECRET}\n{SECRET}\n")).output
    unknown = await duban(
        "accounts", "add", "x", "--person", "nobody", "--role", "unit_clerk", text=f"{SECRET}\n{SECRET}\n"
    )
    assert unknown.exit_code == 2 and "人员名册上没有“nobody”" in unknown.output
    someone = await visit()
    assert (await sign_in(someone, "zhangsan", SECRET)).status_code == 303
    assert "高平市政府李某 · 高平市政府" in (await someone.get("/tasks")).text


async def test_who_has_left_the_register_can_no_longer_come_in(duban, portal, visit):
    someone = await visit("gaoping")
    token = (await duban("token", "--person", "liufang", "--role", "unit_clerk")).output.strip()
    await portal.db.execute("update person set valid_to = current_date - 1 where person_id = 'liufang'")
    assert (await someone.get("/tasks")).status_code == 303 and await bearer(portal, token) is None
    assert (await duban("token", "--person", "liufang", "--role", "unit_clerk")).exit_code == 2


async def test_the_demo_s_people_are_three_at_the_office_and_named_by_the_register(service, visit):
    rows = await service.pool.fetch(
        "select person_id from account where unit = $1 and not 'operator' = any(roles)", OFFICE
    )
    assert len({row["person_id"] for row in rows}) == 3
    assert "王敏 · 省政府办公厅" in (await (await visit("ducha")).get("/tasks")).text
    assert await queries.has_account(service.pool, "leader") and GOVERNMENT
