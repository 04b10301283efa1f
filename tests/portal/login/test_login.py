"""The login: who comes in, who does not, and what a session is worth."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from services.portal.identity.passwords import DEMO
from services.portal.site.asgi import in_front
from tests.portal.conftest import csrf, no_chassis, sign_in
from tests.portal.province import WATER_SUPPLY


async def test_whoever_is_not_signed_in_is_sent_to_the_door_and_back(visit):
    someone = await visit()
    answer = await someone.get("/tasks?board=reform")
    assert answer.status_code == 303 and answer.headers["location"] == "/login?next=%2Ftasks%3Fboard%3Dreform"
    answer = await sign_in(someone, "ducha", next="/tasks?board=reform")
    assert answer.headers["location"] == "/tasks?board=reform"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_a_login_never_leads_off_the_site(visit, target):
    answer = await sign_in(await visit(), "ducha", next=target)
    assert answer.headers["location"] == "/"


async def test_odd_signs_at_the_door_are_a_wrong_answer_and_no_fault(visit):
    someone = await visit()
    assert (await someone.post("/login", data={"login": "ducha", "csrf_token": "é"})).status_code == 403
    assert (await sign_in(someone, "du\0nobody")).status_code == 422


async def test_a_leader_begins_at_the_wall_and_who_works_at_what_waits(visit):
    assert (await (await visit("leader")).get("/")).headers["location"] == "/wall"
    for login in ("ducha", "gaoping"):
        assert (await (await visit(login)).get("/")).headers["location"] == "/worklist"
    assert (await (await visit("yunxing")).get("/")).headers["location"] == "/docs"


@pytest.mark.parametrize(
    "path", ["/wall", "/wall/stream", "/worklist", "/tasks", "/notices", "/rankings", "/search?q=x"]
)
async def test_an_operator_is_told_that_no_business_page_is_an_operator_s(visit, path):
    operator = await visit("yunxing")
    answer = await operator.get(path)
    assert answer.status_code == 403 and "没有权限" in answer.text and "督查员" in answer.text
    assert 'href="/tasks"' not in (await operator.get("/docs")).text


async def test_a_login_gives_another_id_and_a_logout_ends_it_everywhere(visit):
    someone = await visit()
    await someone.get("/login")
    before = someone.cookies["duban"]
    await sign_in(someone, "gaoping")
    after = someone.cookies["duban"]
    assert before != after
    page = await someone.get("/tasks")
    assert (await someone.post("/logout", data={"csrf_token": csrf(page)})).status_code == 303
    thief = httpx.AsyncClient(transport=someone._transport, base_url="http://127.0.0.1", cookies={"duban": after})
    assert (await thief.get("/tasks")).status_code == 303


async def test_five_wrong_passwords_shut_an_account_even_for_the_right_one(visit, service):
    someone = await visit()
    for _ in range(4):
        answer = await sign_in(someone, "gaoping", "wrong")
        assert answer.status_code == 422 and "账号或口令不正确" in answer.text
    assert "锁定15分钟" in (await sign_in(someone, "gaoping", "wrong")).text
    assert "锁定15分钟" in (await sign_in(someone, "gaoping")).text
    await service.pool.execute("update account set locked_until = now() - interval '1 second'")
    assert (await sign_in(someone, "gaoping")).status_code == 303


async def test_an_unknown_login_is_told_the_same_as_a_wrong_password(visit):
    someone = await visit()
    assert "账号或口令不正确" in (await sign_in(someone, "nobody", DEMO)).text


async def test_a_disabled_account_loses_its_open_session(visit, service):
    someone = await visit("gaoping")
    assert (await someone.get("/tasks")).status_code == 200
    await service.pool.execute("update account set disabled = true where login = 'gaoping'")
    assert (await someone.get("/tasks")).status_code == 303
    assert "已停用" in (await sign_in(someone, "gaoping")).text


@pytest.mark.parametrize(
    "column", ["seen_at = now() - interval '31 minutes'", "created_at = now() - interval '13 hours'"]
)
async def test_a_session_ends_when_it_rests_too_long_or_lasts_too_long(visit, service, column):
    someone = await visit("gaoping")
    await service.pool.execute(f"update session set {column}")
    assert (await someone.get("/tasks")).status_code == 303


async def test_the_database_does_not_hold_what_the_cookie_holds(visit, service):
    someone = await visit("gaoping")
    stored = await service.pool.fetch("select session_id from session")
    assert someone.cookies["duban"].encode() not in {bytes(row["session_id"]) for row in stored}


async def test_the_cookie_is_bound_to_the_host_where_there_is_tls(portal, visit):
    safe = replace(portal, settings=portal.settings.model_copy(update={"tls": True}))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(in_front(no_chassis, safe)), base_url="https://duban")
    answer = await client.get("/login")
    cookie = answer.headers["set-cookie"]
    assert (
        cookie.startswith("__Host-duban=") and "Secure" in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    )
    assert "strict-transport-security" in answer.headers


async def test_a_form_without_this_session_s_token_is_refused(visit):
    someone, other = await visit("ducha"), await visit("gaoping")
    stolen = csrf(await other.get("/tasks"))
    for token in ("", "0" * 64, stolen):
        answer = await someone.post("/tasks/new", data={"title": "某事项", "csrf_token": token})
        assert answer.status_code == 403 and "提交被拒绝" in answer.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_a_cross_site_post_is_refused_before_anything_is_read(visit, headers):
    someone = await visit("ducha")
    token = csrf(await someone.get("/tasks"))
    answer = await someone.post("/tasks/new", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 403 and answer.headers["content-type"] == "application/problem+json"


async def test_a_request_too_large_is_not_read(visit):
    someone = await visit("ducha")
    answer = await someone.post("/tasks/new", content=b"x", headers={"content-length": str(10**9)})
    assert answer.status_code == 413


async def test_a_forgotten_page_s_stream_keeps_no_session_alive(visit, service, province):
    someone = await visit("gaoping")
    await service.pool.execute("update session set seen_at = now() - interval '20 minutes'")
    task_id = province.task_id(WATER_SUPPLY)
    request = asyncio.ensure_future(someone.get(f"/tasks/{task_id}/stream"))
    await asyncio.sleep(0.3)
    request.cancel()
    assert await service.pool.fetchval("select seen_at < now() - interval '10 minutes' from session")
    await service.pool.execute("update session set seen_at = now() - interval '31 minutes'")
    assert (await someone.get(f"/tasks/{task_id}/stream")).status_code == 401


async def test_every_page_carries_the_headers_and_is_kept_by_nobody(visit):
    someone = await visit("ducha")
    for path in ("/tasks", "/wall", "/notices", "/nothing", "/static/app.css"):
        headers = (await someone.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        if headers["content-type"].startswith("text/html"):
            assert headers["cache-control"] == "no-store"


async def test_a_page_one_may_not_see_names_the_role_it_needs(visit):
    answer = await (await visit("gaoping")).get("/tasks/new")
    assert answer.status_code == 403 and "督查员" in answer.text and "督查室主任" in answer.text


async def test_demo_logins_are_shown_only_where_the_demo_mark_stands(visit, service):
    someone = await visit()
    assert DEMO in (await someone.get("/login")).text
    await service.pool.execute("delete from mark where name = 'demo'")
    assert DEMO not in (await someone.get("/login")).text
