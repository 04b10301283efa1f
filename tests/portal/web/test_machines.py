"""What every resource of the API does alike: tags and conditions, HEAD and OPTIONS, quotas, parameters, problems."""

from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from contracts.envelope import ActorRole
from services.portal.web.etags import expected_version, is_held, tag
from services.portal.web.problems import Refusal
from services.portal.web.quotas import Quotas
from tests.portal.province import HOUSING, PDF
from tests.portal.site.test_api import NEW, is_problem, key
from tests.story.province import GAOPING, OFFICE

TOKEN = uuid4()


def singles(province) -> list[str]:
    sent = province.papers["sent"]
    period = max(e.ranking.period for e in province.events if e.type == "ranking.published")
    return [
        f"/v1/tasks/{province.task_id(HOUSING)}", f"/v1/assignments/{province.part(HOUSING).assignment_id}",
        f"/v1/notices/{sent.notice.notice_id}", f"/v1/notices/{sent.notice.notice_id}.pdf",
        f"/v1/deliveries/{sent.deliveries[0].delivery_id}", f"/v1/rankings/{period}",
    ]  # fmt: skip


async def test_every_single_resource_has_a_tag_and_is_not_sent_again_to_who_holds_it(api, province):
    county = await api(GAOPING)
    uploaded = (await county.post("/v1/evidence?name=a.pdf", content=PDF)).json()["sha256"]
    for path in (*singles(province), f"/v1/evidence/{uploaded}"):
        first = await county.get(path)
        assert first.status_code == 200 and first.headers["cache-control"] == "private, no-cache", path
        for held in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
            again = await county.get(path, headers={"If-None-Match": held})
            assert again.status_code == 304 and not again.content and again.headers["etag"] == first.headers["etag"]
        assert (await county.get(path, headers={"If-None-Match": '"other"'})).content == first.content


async def test_what_moved_on_is_not_acted_on_by_who_saw_it_before(api, province, tasks_service):
    office, clerk = await api(OFFICE, ActorRole.INSPECTOR), await api(GAOPING)
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    part = f"/v1/assignments/{(await office.get(task)).json()['assignments'][0]['assignment_id']}"
    seen, same = (await clerk.get(part)).headers["etag"], key()
    done = await clerk.post(f"{part}/acknowledge", json={}, headers={**same, "If-Match": seen})
    assert done.status_code == 200, done.text
    again = await clerk.post(f"{part}/acknowledge", json={}, headers={**same, "If-Match": seen})
    assert again.json() == done.json(), "a retry is not refused for what it did itself"
    report = {"text": "完成六十户", "percent": 60, "responsible_person": "刘芳"}
    late = await clerk.post(f"{part}/reports", json=report, headers={**key(), "If-Match": seen})
    assert is_problem(late, 412, "/if-match") and late.json()["version"] == done.json()["version"]
    assert late.json()["type"] == "urn:duban:problem:stale" and late.json()["kind"] == "stale"
    before = await clerk.post(f"{part}/acknowledge", json={}, headers={**key(), "If-Match": seen})
    assert before.status_code == 412, "the version is asked before the state"
    fresh = (await clerk.get(part)).headers["etag"]
    assert (await clerk.post(f"{part}/reports", json=report, headers={**key(), "If-Match": fresh})).status_code == 201


async def test_of_two_who_act_on_what_they_both_saw_one_is_done(api, tasks_service):
    office, leader = await api(OFFICE, ActorRole.INSPECTOR), await api(OFFICE, ActorRole.SUPERVISOR)
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    seen = {"If-Match": (await leader.get(task)).headers["etag"]}
    for status, reason in ((200, "等待上级批示"), (412, "重复的批示")):
        answer = await leader.post(f"{task}/suspend", json={"reason": reason}, headers={**key(), **seen})
        assert answer.status_code == status, answer.text
    assert (await leader.post(f"{task}/resume", json={}, headers={**key(), **seen})).status_code == 412


@pytest.mark.parametrize("header", ['"other"', '"0123abcd-1-0123456789abcdef"', "nonsense", 'W/"{}"', '"{}", "{}2"'])
def test_a_tag_of_something_else_or_a_weak_one_never_matches(header):
    id = uuid4()
    own = tag(b"x", id, 3).strip('"')
    with pytest.raises(Refusal) as refusal:
        expected_version(header.replace("{}2", own.replace("-3-", "-4-")).replace("{}", own), id)
    assert refusal.value.status == 412 and refusal.value.refused.pointer == "/if-match"


def test_a_tag_says_the_version_it_was_made_at_and_a_star_any():
    id = uuid4()
    assert expected_version(tag(b"x", id, 7), id) == 7
    assert expected_version("*", id) is expected_version("", id) is None
    assert is_held(f'"a", {tag(b"x")}', tag(b"x")) and not is_held("", tag(b"x"))


async def test_head_is_answered_like_get_without_a_body(api, visit, province):
    county = await api(GAOPING)
    for path in (*singles(province), "/v1/tasks?limit=1", "/v1/assignments", "/v1/events?limit=1", "/v1/nothing"):
        got, asked = await county.get(path), await county.head(path)
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        same = ("content-type", "content-length", "etag", "content-security-policy")
        assert [asked.headers.get(name) for name in same] == [got.headers.get(name) for name in same], path
    assert (await county.head(singles(province)[0], headers={"If-None-Match": "*"})).status_code == 304
    page = await visit("gaoping")
    assert (await page.head("/tasks")).status_code == 200 and (await page.head("/healthy")).status_code == 404
    assert (await page.head("/wall/stream")).status_code == 405


async def test_an_address_says_which_methods_it_has(api):
    county = await api(GAOPING)
    for path, allow in (
        ("/v1/tasks", "GET, HEAD, OPTIONS, POST"),
        (f"/v1/tasks/{uuid4()}", "GET, HEAD, OPTIONS"),
        (f"/v1/webhooks/{uuid4()}", "DELETE, GET, HEAD, OPTIONS"),
        (f"/v1/notices/{uuid4()}.pdf", "GET, HEAD, OPTIONS"),
        (f"/v1/assignments/{uuid4()}/verify", "OPTIONS, POST"),
    ):
        options = await county.options(path)
        assert options.status_code == 204 and options.headers["allow"] == allow
        refused = await county.put(path, json={})
        assert is_problem(refused, 405) and refused.headers["allow"] == allow
        assert refused.json()["type"] == "urn:duban:problem:method_not_allowed"
    assert is_problem(await county.options("/v1/nothing"), 404) and is_problem(await county.get("/v1"), 404)


async def test_a_parameter_that_is_not_there_is_refused_by_name_with_those_that_are(api, service):
    county = await api(GAOPING)
    answer = await county.get("/v1/tasks?unacknowledged=1&limit=5")
    assert is_problem(answer, 400, "/unacknowledged") and "view" in answer.text
    assert answer.json()["type"] == "urn:duban:problem:unknown_parameter"
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/unacknowledged"}
    assert is_problem(await county.get("/v1/tasks?state=closed&state=verified"), 400, "/state")
    assert is_problem(await county.get(f"/v1/tasks/{uuid4()}?expand=all"), 400, "/expand")
    posted = await county.post("/v1/evidence?name=a.pdf&filename=b", content=PDF)
    assert is_problem(posted, 400, "/filename")
    assert await service.pool.fetchval("select count(*) from upload") == 0
    assert (await county.get("/v1/events?type=assignment&type=notice")).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["board=roads", "light=green", "state=issued", "due=soon", "view=theirs", "scope=own", "sort=age", "role=boss"],
)
async def test_a_value_that_a_filter_does_not_have_is_refused_with_those_it_has(api, query):
    answer = await (await api(GAOPING)).get(f"/v1/tasks?{query}")
    assert is_problem(answer, 422, f"/{query.partition('=')[0]}") and "只能是" in answer.text


async def test_a_token_is_told_how_many_requests_it_has_left_and_when_to_come_again(api, built, portal):
    few = portal.settings.model_copy(update={"requests": 3, "request_window": 3600})
    built[1].portal = replace(portal, settings=few)
    county, other = await api(GAOPING), await api(OFFICE, ActorRole.INSPECTOR)
    left = []
    for _ in range(3):
        answer = await county.get("/v1/webhooks")
        assert answer.headers["ratelimit-policy"] == '"token";q=3;w=3600'
        left.append(answer.headers["ratelimit"].split(";")[1])
    assert left == ["r=2", "r=1", "r=0"] and answer.status_code == 200
    refused = await county.post("/v1/tasks", json={}, headers=key())
    assert is_problem(refused, 429) and refused.json()["type"] == "urn:duban:problem:too_many_requests"
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert refused.headers["ratelimit"].endswith(f"t={refused.headers['retry-after']}")
    assert (await other.get("/v1/webhooks")).status_code == 200, "another token has its own share"
    assert "ratelimit" not in (await county.get("/v1/webhooks", headers={"Authorization": ""})).headers


def test_a_new_window_begins_with_the_whole_share():
    quotas = Quotas()
    assert [quotas.take(TOKEN, 2, 60, now).exceeded for now in (0, 30, 59.5)] == [False, False, True]
    after = quotas.take(TOKEN, 2, 60, 60)
    assert not after.exceeded and after.reset == 60 and after.headers["RateLimit"] == '"token";r=1;t=60'
    assert len(quotas.used) == 1


@pytest.mark.parametrize(
    ("headers", "status", "type"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403, "cross_site"),
        ({"Content-Length": "999999999999"}, 413, "too_large"),
        ({"Content-Length": "nonsense"}, 413, "too_large"),
        ({"Transfer-Encoding": "chunked"}, 413, "too_large"),
    ],
)
async def test_a_request_that_is_not_even_read_is_answered_in_the_same_shape(site, headers, status, type):
    trace = f"00-{'ab' * 16}-{'cd' * 8}-01"
    sent = [("traceparent", trace), ("host", "x"), *headers.items()]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/tasks", "raw_path": b"/v1/tasks", "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent], "scheme": "http",
        "server": ("127.0.0.1", 80), "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    got = []

    async def send(message):
        got.append(message)

    await site(scope, None, send)
    answer = httpx.Response(
        got[0]["status"], headers=got[0]["headers"], content=b"".join(each.get("body", b"") for each in got[1:])
    )
    assert is_problem(answer, status) and answer.json()["type"] == f"urn:duban:problem:{type}"
    assert answer.json()["trace_id"] == "ab" * 16 and answer.json()["instance"] == "/v1/tasks"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_refusal_of_a_service_names_the_header_that_carries_the_field(api, tasks_service):
    office, same = await api(OFFICE, ActorRole.INSPECTOR), key()
    await office.post("/v1/tasks", json=NEW, headers=same)
    other = await office.post("/v1/tasks", json={**NEW, "title": "另一个事项"}, headers=same)
    assert is_problem(other, 422, "/idempotency-key") and other.json()["kind"] == "invalid"
