"""What was just done and is not on the ledger yet: nobody is told that it is not there."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from contracts.envelope import ActorRole
from services.portal.web import awaited
from tests.portal.conftest import csrf, listening
from tests.portal.site.test_api import NEW, is_problem, key
from tests.story.province import GAOPING, OFFICE, YAODU


@pytest.fixture(autouse=True)
def impatient(built, site, portal) -> None:
    """The portal answers a command at once, whatever its ledger has."""
    built[1].portal = replace(portal, settings=portal.settings.model_copy(update={"catch_up": 0}))


async def arrived(client: httpx.AsyncClient, address: str) -> httpx.Response:
    """The answer once it is another than "try again"."""
    async with asyncio.timeout(30):
        while (answer := await client.get(address)).status_code == 503:
            await asyncio.sleep(0.02)
    return answer


async def test_the_steps_after_a_registration_are_to_be_tried_again_until_the_ledger_has_it(api, service, tasks_alone):
    office, clerk, same = await api(OFFICE, ActorRole.INSPECTOR), await api(GAOPING), key()
    created = await office.post("/v1/tasks", json=NEW, headers=key())
    assert created.status_code == 201 and not created.json()["settled"]
    task, part = created.headers["location"], created.json()["detail"]["parts"][0]["assignment_id"]
    acknowledge = {
        "url": f"/v1/assignments/{part}/acknowledge",
        "json": {"responsible_person": "刘芳"},
        "headers": same,
    }
    for early in (await office.get(task), await clerk.post(**acknowledge)):
        assert is_problem(early, 503) and early.headers["retry-after"]
        assert early.json()["type"] == "urn:duban:problem:behind"
    async with listening(service):
        assert (await arrived(office, task)).json()["title"] == NEW["title"]
        assert (await clerk.post(**acknowledge)).status_code == 200


async def test_the_page_after_a_registration_says_that_it_comes_and_then_comes(visit, service, tasks_alone):
    office = await visit("ducha")
    form = {"csrf_token": csrf(await office.get("/tasks/new")), "lead": GAOPING, "weight": "ordinary", **NEW}
    form.pop("parts")
    created = await office.post("/tasks/new", data=form)
    assert created.status_code == 303, created.text
    early = await office.get(created.headers["location"])
    assert early.status_code == 503 and early.headers["retry-after"] and "还没有反映" in early.text
    async with listening(service):
        assert NEW["title"] in (await arrived(office, created.headers["location"])).text


async def test_what_has_come_is_again_not_there_for_whoever_may_not_see_it(api, service, tasks_alone):
    office, other = await api(OFFICE, ActorRole.INSPECTOR), await api(YAODU)
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    async with listening(service):
        await arrived(office, task)
    await awaited.sweep(service.pool)
    assert is_problem(await other.get(task), 404)


async def test_what_is_awaited_is_kept_through_a_sweep_and_given_up_after_a_day(service):
    await awaited.add(service.pool, ["task/a"])
    await awaited.sweep(service.pool)
    assert await awaited.includes(service.pool, ["a"])
    await service.pool.execute("update awaited set at = at - interval '25 hours'")
    await awaited.sweep(service.pool)
    assert not await awaited.includes(service.pool, ["a"])
