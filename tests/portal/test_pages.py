"""The pages without scripts: what they show, to whom, and what comes of their forms."""

import re
from datetime import UTC, datetime

import pytest

from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeDrafted
from contracts.events.task import TaskRegistered
from services.portal.ledger.filters import Filters
from services.portal.store import tasks
from tests.portal.conftest import GAOPING, INSPECTOR, LAND, OFFICE, csrf, task_of
from tests.portal.factory import PDF

PAGES = ("/wall", "/tasks", "/tasks?view=mine", "/notices", "/rankings", "/search", "/docs")


@pytest.mark.parametrize("login", ["ducha", "duchayuan", "leader", "zrzyt", "gaoping-head", "yunxing"])
async def test_every_page_opens_for_everybody(door, login):
    someone = await door(login)
    for path in PAGES:
        assert (await someone.get(path)).status_code == 200, path


async def test_the_ledger_shows_as_many_rows_as_it_counts(door):
    someone = await door("ducha")
    for query in ("", "?board=reform", "?light=overdue", "?q=高平", "?due=none", "?view=lead", "?unit=14.05"):
        page = (await someone.get(f"/tasks{query}")).text
        total = int(re.search(r"共 (\d+) 条", page)[1])
        assert page.count('<th scope="row">') == min(total, 50), query


async def test_a_filter_the_portal_does_not_know_means_nothing(door):
    someone = await door("ducha")
    assert (await someone.get("/tasks?board=nonsense&light=<script>&sort=x")).status_code == 200
    assert (await someone.get("/tasks?cursor=abc")).status_code == 422


async def test_text_of_others_is_shown_and_never_run(door):
    page = (await (await door("ducha")).get("/tasks?q=<script>alert(1)</script>")).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


async def test_a_task_outside_one_s_audience_does_not_exist(door, province):
    hidden = next(
        e for e in province.events if isinstance(e, TaskRegistered) and GAOPING not in {p.unit for p in e.parts}
    )
    assert (await (await door("gaoping")).get(f"/tasks/{hidden.task_id}")).status_code == 404
    assert (await (await door("gaoping")).get(f"/tasks/{hidden.task_id}/stream")).status_code == 404
    assert (await (await door("leader")).get(f"/tasks/{hidden.task_id}")).status_code == 200


async def test_seven_days_and_a_month_never_run_together(door, province):
    someone = await door("ducha")
    for task in [e for e in province.events if isinstance(e, TaskRegistered)][:12]:
        page = (await someone.get(f"/tasks/{task.task_id}")).text
        assert ("7日办结一般问题" in page) != ("1个月办结重大复杂问题" in page)
        assert "1日内研究部署" in page and "3日内反馈" in page and "销号清零" in page


async def test_only_the_unit_itself_is_offered_its_steps(door, province):
    task = task_of(province, "高平市农村饮水安全巩固提升")
    assert "/acknowledge" in (await (await door("gaoping")).get(f"/tasks/{task.task_id}")).text
    for login in ("ducha", "leader"):
        assert "/acknowledge" not in (await (await door(login)).get(f"/tasks/{task.task_id}")).text


async def test_the_whole_timeline_stays_whole_while_it_is_watched(door, province):
    task = next(event for event in province.events if isinstance(event, TaskRegistered))
    someone, at = await door("ducha"), f"/tasks/{task.task_id}"
    assert f'hx-sse:connect="{at}/stream?all=1"' in (await someone.get(f"{at}?all=1")).text
    assert f'hx-sse:connect="{at}/stream"' in (await someone.get(at)).text


@pytest.mark.parametrize("address", ["/tasks/abc", "/notices/abc", "/tasks/abc/stream", "/nowhere"])
async def test_an_address_that_is_none_is_answered_with_a_page(door, address):
    answer = await (await door("ducha")).get(address)
    assert answer.status_code == 404 and "没有找到" in answer.text


async def test_a_filter_with_a_zero_byte_is_read_without_it(door):
    assert (await (await door("ducha")).get("/tasks?q=%00&unit=%00")).status_code == 200


async def test_search_says_when_it_is_not_there(door):
    answer = await (await door("ducha")).get("/search?q=高铁")
    assert answer.status_code == 503 and "搜索暂时不可用" in answer.text


async def test_a_draft_is_seen_by_its_issuer_alone(door, province):
    draft = next(
        e for e in province.events
        if isinstance(e, NoticeDrafted) and province.versions[e.aggregate] == 1
    )  # fmt: skip
    assert "未编号" in (await (await door("ducha")).get(f"/notices/{draft.notice_id}")).text
    assert (await (await door("zrzyt")).get(f"/notices/{draft.notice_id}")).status_code == 404
    assert draft.title not in (await (await door("zrzyt")).get("/notices")).text


async def test_a_pdf_is_the_stored_bytes_after_the_permission_check(door, province):
    sent = next(e for e in province.events if isinstance(e, DeliverySent) and e.unit == GAOPING)
    for login in ("gaoping", "ducha"):
        answer = await (await door(login)).get(f"/notices/{sent.notice_id}.pdf")
        assert answer.content == PDF and answer.headers["content-type"] == "application/pdf"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert (await (await door("zrzyt")).get(f"/notices/{sent.notice_id}.pdf")).status_code == 404


async def test_a_unit_is_offered_to_receive_what_was_sent_to_it(door, province):
    sent = next(e for e in province.events if isinstance(e, DeliverySent) and e.unit == GAOPING)
    action = f"/notices/{sent.notice_id}/deliveries/{sent.delivery_id}/receive"
    assert action in (await (await door("gaoping")).get(f"/notices/{sent.notice_id}")).text
    assert action not in (await (await door("ducha")).get(f"/notices/{sent.notice_id}")).text


async def test_signing_is_for_the_office_head_alone(door, province):
    draft = next(e for e in province.events if isinstance(e, NoticeDrafted) and province.versions[e.aggregate] == 1)
    inspector = await door("duchayuan")
    page = await inspector.get(f"/notices/{draft.notice_id}")
    assert "/sign" not in page.text
    answer = await inspector.post(
        f"/notices/{draft.notice_id}/sign", data={"csrf_token": csrf(await inspector.get("/tasks"))}
    )
    assert answer.status_code == 403 and "督查室主任" in answer.text


async def test_a_score_opens_into_the_sum_that_made_it(door):
    page = (await (await door("gaoping")).get("/rankings?unit=14.05.00.000.gov")).text
    assert "怎样算出来" in page and "min(1," in page


async def test_the_wall_counts_what_the_ledger_counts(door, service):
    page = (await (await door("ducha")).get("/wall")).text
    counted = await tasks.facets(service.pool, INSPECTOR, Filters(), datetime.now(UTC))
    for light in ("normal", "lagging", "stalled", "overdue"):
        shown = re.search(rf'href="/tasks\?light={light}">.*?<b>(\d+)</b>', page, re.S)
        assert int(shown[1]) == counted["light"].get(light, 0)
    assert f"<small> / {counted['total']['']} 件销号</small>" in page


async def test_a_unit_s_wall_counts_its_own_alone(door):
    whole = (await (await door("ducha")).get("/wall")).text
    own = (await (await door("gaoping")).get("/wall")).text
    total = [int(re.search(r"<small> / (\d+) 件销号", page)[1]) for page in (whole, own)]
    assert total[0] == 76 and 0 < total[1] < 10


async def test_the_office_and_a_department_see_the_same_task(door, province):
    task = task_of(province, "优化城乡建设用地增减挂钩试点改革")
    assert task.issuer == OFFICE and task.parts[0].unit == LAND
    for login in ("duchayuan2", "zrzyt-head"):
        assert task.title in (await (await door(login)).get(f"/tasks/{task.task_id}")).text
