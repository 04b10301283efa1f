"""Webhooks: registered by a unit for what it may read, with a secret that is said once."""

import base64
from uuid import uuid4

import pytest

from contracts.envelope import ActorRole
from services.portal import handlers
from services.portal.feed import queries as feed
from services.portal.web import answers
from tests.portal.conftest import CLERK
from tests.portal.site.test_api import is_problem, key
from tests.story.province import GAOPING, OFFICE, YAODU

HOOK = {"url": "https://93.184.216.34/duban", "types": ["assignment", "notice.sent"], "description": "高平市业务系统"}


async def test_a_webhook_is_registered_listed_read_and_deleted(api, service):
    county = await api(GAOPING)
    made = await county.post("/v1/webhooks", json=HOOK, headers=key())
    assert made.status_code == 201, made.text
    assert {each: made.json()[each] for each in HOOK} == HOOK and made.json()["version"] == 1
    path = made.headers["location"]
    one = await county.get(path)
    assert one.json() == {name: value for name, value in made.json().items() if name != "secret"}
    assert (await county.get("/v1/webhooks")).json() == {"items": [one.json()], "next_cursor": None}
    gone = await county.delete(path, headers=key())
    assert gone.status_code == 204 and not gone.content
    assert is_problem(await county.get(path), 404) and is_problem(await county.delete(path, headers=key()), 404)


async def test_a_secret_is_said_once_and_to_whoever_repeats_the_same_request(api, service):
    county, same = await api(GAOPING), key()
    made = await county.post("/v1/webhooks", json=HOOK, headers=same)
    secret = made.json()["secret"]
    assert secret.startswith("whsec_") and len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert (await county.post("/v1/webhooks", json=HOOK, headers=same)).json() == made.json()
    assert secret not in (await county.get("/v1/webhooks")).text
    other = await county.post("/v1/webhooks", json={**HOOK, "types": []}, headers=same)
    assert is_problem(other, 422, "/idempotency-key") and other.json()["type"] == "urn:duban:problem:id_reused"
    assert await service.pool.fetchval("select count(*) from webhook") == 1


async def test_a_rotated_secret_leaves_the_former_valid_for_a_day(api, service):
    county, same = await api(GAOPING), key()
    made = await county.post("/v1/webhooks", json=HOOK, headers=key())
    rotated = await county.post(f"{made.headers['location']}/rotate", headers=same)
    assert rotated.json()["version"] == 2 and rotated.json()["secret"] != made.json()["secret"]
    assert (await county.post(f"{made.headers['location']}/rotate", headers=same)).json() == rotated.json()
    row = await service.pool.fetchrow("select *, previous_until - now() as still from webhook")
    assert (row["secret"], row["previous_secret"]) == (rotated.json()["secret"], made.json()["secret"])
    assert 23 * 3600 < row["still"].total_seconds() <= 24 * 3600


async def test_what_was_changed_since_it_was_read_is_neither_rotated_nor_deleted(api):
    county = await api(GAOPING)
    path = (await county.post("/v1/webhooks", json=HOOK, headers=key())).headers["location"]
    read = (await county.get(path)).headers["etag"]
    await county.post(f"{path}/rotate", headers=key())
    for answer in (
        await county.post(f"{path}/rotate", headers={**key(), "If-Match": read}),
        await county.delete(path, headers={**key(), "If-Match": read}),
    ):
        assert is_problem(answer, 412, "/if-match") and answer.json()["version"] == 2
    fresh = (await county.get(path)).headers["etag"]
    assert (await county.delete(path, headers={**key(), "If-Match": fresh})).status_code == 204


async def test_a_webhook_belongs_to_its_unit_and_role(api):
    path = (await (await api(GAOPING)).post("/v1/webhooks", json=HOOK, headers=key())).headers["location"]
    for stranger in (await api(YAODU), await api(GAOPING, ActorRole.UNIT_HEAD), await api(OFFICE, ActorRole.INSPECTOR)):
        assert (await stranger.get("/v1/webhooks")).json()["items"] == []
        for answer in (
            await stranger.get(path),
            await stranger.delete(path, headers=key()),
            await stranger.post(f"{path}/rotate", headers=key()),
        ):
            assert is_problem(answer, 404)
    assert is_problem(await (await api(OFFICE, ActorRole.OPERATOR)).get("/v1/webhooks"), 403)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "https://localhost/x"}, "/url"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "/url"),
        ({"types": ["assignment.invented"]}, "/types/0"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
async def test_an_address_or_a_type_that_cannot_be_is_refused_in_words(api, service, wrong, pointer):
    answer = await (await api(GAOPING)).post("/v1/webhooks", json=HOOK | wrong, headers=key())
    assert is_problem(answer, 422, pointer), answer.text
    assert await service.pool.fetchval("select count(*) from webhook") == 0


async def test_a_unit_and_role_has_twenty_at_most_and_its_list_has_pages(api):
    county = await api(GAOPING)
    made = [(await county.post("/v1/webhooks", json=HOOK, headers=key())).status_code for _ in range(21)]
    assert made == [201] * 20 + [409]
    first = (await county.get("/v1/webhooks?limit=12")).json()
    rest = (await county.get("/v1/webhooks", params={"limit": 12, "cursor": first["next_cursor"]})).json()
    ids = [each["webhook_id"] for each in (*first["items"], *rest["items"])]
    assert len(set(ids)) == 20 and rest["next_cursor"] is None


async def test_delivery_begins_behind_the_last_event_there_was(api, service, province):
    await (await api(GAOPING)).post("/v1/webhooks", json=HOOK, headers=key())
    after = await service.pool.fetchval("select after from webhook")
    assert (await feed.after(service.pool, CLERK, after, 10)).events == []


async def test_answers_are_forgotten_after_three_days_and_survive_a_rebuild(api, service):
    await (await api(GAOPING)).post("/v1/webhooks", json=HOOK, headers=key())
    count = "select count(*) from answered"
    await service.pool.execute("update answered set at = now() - interval '49 hours'")
    await answers.sweep(service.pool)
    assert await service.pool.fetchval(count) == 1
    await service.pool.execute("update answered set at = now() - interval '73 hours'")
    await answers.sweep(service.pool)
    assert await service.pool.fetchval(count) == 0
    assert {"answered", "webhook"} <= set(handlers.KEEPS)


async def test_a_refused_request_leaves_its_key_free(api):
    county, same = await api(GAOPING), {"Idempotency-Key": uuid4().hex}
    assert is_problem(await county.post("/v1/webhooks", json={**HOOK, "url": "http://10.0.0.1"}, headers=same), 422)
    assert (await county.post("/v1/webhooks", json=HOOK, headers=same)).status_code == 201
