"""Posts: who fills them, who holds them, and which of them a task's lead official is."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.commands.register import FillPost
from contracts.envelope import Actor, ActorRole, Done
from contracts.queries.register import FindPosts
from contracts.refusals import Refused
from services.chassis.service import Service
from services.tasks.register.domain.post import Post, meant, post_id_of
from tests.tasks.test_tasks_handlers import OFFICE, POLICE, SUPERVISOR, ask, granted, of, wish

DAY = date(2026, 11, 26)
GOVERNMENT = "14.00.00.000.gov"


def post(title: str, name: str, **more: object) -> Post:
    held = Post(post_id_of(GOVERNMENT, title), 1, GOVERNMENT, title, name, name, "", "", date(2026, 1, 1), None)
    return replace(held, **more)  # type: ignore[arg-type]


FIRST, SECOND = post("常务副省长", "王建"), post("副省长", "李建国")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("常务副省长", FIRST),
        (" 常务副省长 王建 ", FIRST),
        ("副省长李建国", SECOND),
        ("副省长", SECOND),
        ("副省长 张某", None),
        ("分管副省长", None),
        ("", None),
    ],
)
def test_a_lead_official_is_the_one_post_that_the_text_names(text, found):
    assert meant(text, [FIRST, SECOND], DAY) == (found and found.post_id)


def test_a_post_that_nobody_holds_on_that_day_is_not_meant():
    for gone in (
        replace(FIRST, person=""),
        replace(FIRST, valid_to=DAY - timedelta(days=1)),
        replace(FIRST, valid_from=DAY + timedelta(days=1)),
    ):
        assert meant("常务副省长", [gone], DAY) is None
    assert meant("常务副省长", [replace(FIRST, valid_to=DAY)], DAY) == FIRST.post_id


def fill(actor: Actor = SUPERVISOR, **more: object) -> FillPost:
    given = {"actor": actor, "unit": "省政府", "title": "常务副省长", "person": "wang", "name": "王建"}
    return FillPost(**(given | more))


async def test_a_task_knows_the_post_of_its_lead_official(service: Service):
    await granted(service, fill())
    await granted(service, wish(lead_official="常务副省长"))
    said = await service.pool.fetchval(
        "select convert_from(body, 'utf8')::jsonb from outbox where type = 'task.registered'"
    )
    assert str(post_id_of(GOVERNMENT, "常务副省长")) in said


async def test_a_new_holder_follows_the_old_one_in_the_same_post(service: Service):
    first = await granted(service, fill())
    second = await granted(service, fill(person="zhao", name="赵启", deputy="qian", deputy_name="钱进"))
    assert (second.aggregate, second.version) == (first.aggregate, 2)
    (found,) = await found_posts(service, "赵启")
    assert (found.title, found.name, found.deputy_name) == ("常务副省长", "赵启", "钱进")
    await granted(service, fill(person="", name=""))
    assert [post.name for post in await found_posts(service, "常务副省长")] == [""]


async def found_posts(service: Service, text: str):
    call = service.handlers.queries[FindPosts].call
    async with room.pool.acquire() as db:
        return (await call(FindPosts(text=text), db)).posts


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"unit": "没有这个单位"}, "unit_unknown", "/unit"),
        ({"unit": "各市政府"}, "unit_unknown", "/unit"),
        ({"valid_from": "2026-11-02", "valid_to": "2026-11-01"}, "days_reversed", "/valid_to"),
        ({"name": ""}, "person_incomplete", "/name"),
        ({"actor": of(POLICE, ActorRole.UNIT_HEAD)}, "forbidden", "/actor"),
        ({"actor": of(OFFICE, ActorRole.INSPECTOR)}, "forbidden", "/actor"),
    ],
)
async def test_a_refused_holder_is_told_the_field_and_leaves_nothing(service: Service, more, code, pointer):
    answer = await ask(service, fill(**more))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == (code, pointer)
    assert await service.pool.fetchval("select count(*) from post") == 0


async def test_the_head_of_a_unit_fills_its_own_posts(service: Service):
    answer = await ask(service, fill(of(POLICE, ActorRole.UNIT_HEAD), unit="省公安厅", title="厅长"))
    assert isinstance(answer, Done)
    assert UUID(answer.aggregate.partition("/")[2]) == post_id_of(POLICE, "厅长")
