"""Posts: who fills them, who holds them, and which of them a task's lead official is."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.commands.register import FillPost, RegisterPerson
from contracts.envelope import Actor, ActorRole, Done
from contracts.queries.register import FindPosts
from contracts.refusals import Refused
from contracts.register import Post
from services.chassis.service import Service
from services.tasks.register.domain.post import meant, post_id_of
from tests.tasks.commands import GOVERNMENT, OFFICE, POLICE, SUPERVISOR, ask, emitted, granted, person_of, registration

DAY = date(2026, 11, 26)


def post(title: str, name: str, **more: object) -> Post:
    body = {
        "post_id": post_id_of(GOVERNMENT, title),
        "unit": GOVERNMENT,
        "unit_name": "省政府",
        "title": title,
        "person": name,
        "name": name,
        "valid_from": date(2026, 1, 1),
    }
    return Post(**(body | more))


FIRST, SECOND = post("常务副省长", "王建"), post("副省长", "李建国")


@pytest.mark.parametrize(
    ("text", "result"),
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
def test_a_lead_official_is_the_one_post_that_the_text_names(text, result):
    assert meant(text, [FIRST, SECOND], DAY) == (result and result.post_id)


def test_a_post_that_nobody_holds_on_that_day_is_not_meant():
    for gone in (
        post("常务副省长", "王建", person=""),
        post("常务副省长", "王建", valid_to=DAY - timedelta(days=1)),
        post("常务副省长", "王建", valid_from=DAY + timedelta(days=1)),
    ):
        assert meant("常务副省长", [gone], DAY) is None
    assert meant("常务副省长", [post("常务副省长", "王建", valid_to=DAY)], DAY) == FIRST.post_id


def fill(actor: Actor = SUPERVISOR, **more: object) -> FillPost:
    body = {"actor": actor, "unit": "省政府", "title": "常务副省长", "person": "wang"}
    return FillPost(**(body | more))


def person(id: str = "wang", name: str = "王建", unit: str = "省政府", **more: object) -> RegisterPerson:
    return RegisterPerson(**({"actor": SUPERVISOR, "person": id, "name": name, "unit": unit} | more))


@pytest.fixture
async def register(service: Service) -> Service:
    """A service with three persons of the government."""
    for id, name in (("wang", "王建"), ("zhao", "赵启"), ("qian", "钱进")):
        await granted(service, person(id, name))
    return service


async def test_a_task_knows_the_post_of_its_lead_official(register: Service):
    await granted(register, fill())
    await granted(register, registration(lead_official="常务副省长"))
    (event,) = await emitted(register, "task.registered")
    assert event["task"]["lead_post"] == str(post_id_of(GOVERNMENT, "常务副省长"))


async def test_a_new_holder_follows_the_old_one_in_the_same_post(register: Service):
    first = await granted(register, fill())
    second = await granted(register, fill(person="zhao", deputy="qian"))
    assert (second.aggregate, second.version) == (first.aggregate, 2)
    (post,) = await found_posts(register, "赵启")
    assert (post.title, post.name, post.deputy_name) == ("常务副省长", "赵启", "钱进")
    await granted(register, fill(person=""))
    assert [post.name for post in await found_posts(register, "常务副省长")] == [""]


async def found_posts(service: Service, text: str) -> tuple[Post, ...]:
    async with service.pool.acquire() as db:
        return (await service.handlers.queries[FindPosts].call(FindPosts(text=text), db)).posts


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"unit": "没有这个单位"}, "unit_unknown", "/unit"),
        ({"unit": "各市政府"}, "unit_unknown", "/unit"),
        ({"valid_from": "2026-11-02", "valid_to": "2026-11-01"}, "days_reversed", "/valid_to"),
        ({"person": "nobody"}, "person_unknown", "/person"),
        ({"deputy": "nobody"}, "person_unknown", "/deputy"),
        ({"actor": person_of(POLICE, ActorRole.UNIT_HEAD)}, "forbidden", "/actor"),
        ({"actor": person_of(OFFICE, ActorRole.INSPECTOR)}, "forbidden", "/actor"),
        ({"actor": person_of("14.10.00.000.bgt", ActorRole.SUPERVISOR)}, "forbidden", "/actor"),
    ],
)
async def test_a_refused_holder_is_told_the_field_and_leaves_nothing(register: Service, more, code, pointer):
    answer = await ask(register, fill(**more))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == (code, pointer)
    assert await register.pool.fetchval("select count(*) from post") == 0


async def test_who_has_left_holds_no_post(register: Service):
    await granted(register, person("wang", valid_to="2026-01-31"))
    answer = await ask(register, fill(valid_from="2026-02-01"))
    assert (answer.code, answer.pointer) == ("person_ended", "/person")
    await granted(register, fill(valid_from="2026-01-31"))


async def test_the_head_of_a_unit_fills_its_own_posts(register: Service):
    answer = await ask(register, fill(person_of(POLICE, ActorRole.UNIT_HEAD), unit="省公安厅", title="厅长"))
    assert isinstance(answer, Done)
    assert UUID(answer.aggregate.partition("/")[2]) == post_id_of(POLICE, "厅长")
