"""What an operator types, and what a rebuild leaves as it was."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner, Result

from contracts.envelope import ActorRole
from services.chassis.rebuild import rebuild
from services.portal import handlers
from services.portal.cli import app
from services.portal.identity import tokens
from tests.portal.conftest import GAOPING, publish

LEDGER = ("task", "task_audience", "assignment", "clock", "notice", "notice_audience", "delivery", "ranking")


@pytest.fixture
def duban(service, monkeypatch):
    """The operator's command before this database."""
    monkeypatch.setenv("DUBAN_PG_DSN", service.settings.pg_dsn)

    async def typed(*words: str, text: str = "") -> Result:
        with ThreadPoolExecutor(1) as beside:  # the command runs a loop of its own
            call = beside.submit(CliRunner().invoke, app, words, text)
            return await asyncio.wrap_future(call)

    return typed


async def test_a_token_is_printed_once_and_speaks_for_its_unit(duban, service):
    printed = (await duban("token", "--unit", GAOPING, "--role", "unit_head", "--name", "高平市系统")).output.strip()
    found = await tokens.bearer(service.pool, f"Bearer {printed}", service.settings.node)
    assert found.reader.unit == GAOPING and found.reader.roles == (ActorRole.UNIT_HEAD,)
    assert found.reader.person == "高平市系统" and found.reader.unit_name == "高平市政府"
    assert "已吊销 1 个令牌" in (await duban("revoke", "高平市系统")).output
    assert await tokens.bearer(service.pool, f"Bearer {printed}", service.settings.node) is None


async def test_a_token_for_no_unit_is_refused_with_what_an_address_looks_like(duban):
    answer = await duban("token", "--unit", "高平市", "--role", "unit_head")
    assert answer.exit_code == 2 and "14.10.02.000.gov" in answer.output


async def test_an_account_is_opened_once(duban):
    words = ("account", "zhangsan", "--person", "张三", "--unit", GAOPING, "--role", "unit_clerk")
    assert (await duban(*words, text="short\nshort\n")).exit_code == 2
    secret = "a long enough password"
    assert "已开通账号" in (await duban(*words, text=f"{secret}\n{secret}\n")).output
    assert (await duban(*words, text=f"{secret}\n{secret}\n")).exit_code == 2


async def test_a_rebuilt_ledger_is_the_same_and_the_people_stay(service, province):
    before, accounts = await picture(service), await service.pool.fetchval("select count(*) from account")
    await publish(service, province.events)
    await service.pool.execute("truncate inbox")
    await rebuild(service, handlers.KEEPS)
    assert await picture(service) == before
    assert await service.pool.fetchval("select count(*) from account") == accounts > 0


async def picture(service) -> dict[str, str]:
    """Every table that tasks, notices and rankings make, as one digest each."""
    asked = "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t"
    return {table: await service.pool.fetchval(asked.format(table)) for table in LEDGER}
