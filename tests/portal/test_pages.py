"""The pages without scripts: what they show, to whom, and what comes of their forms."""

import asyncio
import re

import httpx
import pytest

from contracts.events import AssignmentIssued, DeliverySent, NoticeDrafted, TaskRegistered
from services.portal.store import tasks
from tests.portal.conftest import GAOPING, LAND, OFFICE, Door, csrf
from tests.portal.factory import PDF, Province

PAGES = ("/wall", "/tasks", "/tasks?view=mine", "/notices", "/rankings", "/search", "/docs")


def task_of(province: Province, title: str) -> TaskRegistered:
    return next(e for e in province.events if isinstance(e, TaskRegistered) and e.title == title)


def part_of(province: Province, task: TaskRegistered, unit: str) -> AssignmentIssued:
    issued = (e for e in province.events if isinstance(e, AssignmentIssued))
    return next(e for e in issued if e.task_id == task.task_id and e.unit == unit)


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


async def send(
    someone: httpx.AsyncClient, page: str, action: str, files: object = None, **fields: str
) -> httpx.Response:
    """Fill in the form with that action on a page, and send it with its hidden fields."""
    text = (await someone.get(page)).text
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.S)
    assert form, f"{action} is not on {page}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    return await someone.post(action, data={**hidden, **fields}, files=files)


async def step(someone: httpx.AsyncClient, part: AssignmentIssued, act: str, files: object = None, **fields: str):
    page = f"/tasks/{part.task_id}"
    return await send(someone, page, f"{page}/parts/{part.assignment_id}/{act}", files, **fields)


async def registered(door: Door, room: object, **fields: str) -> str:
    """A task of 高平市 registered by hand; the path of its page."""
    form = {
        "title": "高平市危旧房改造一百户", "board": "project", "weight": "ordinary", "lead_official": "副省长 李建国",
        "target": "完成改造100户", "verification_form": "验收单", "lead": GAOPING,
    }  # fmt: skip
    answer = await send(await door("ducha"), "/tasks/new", "/tasks/new", None, **{**form, **fields})
    assert answer.status_code == 303, re.findall(r'role="alert".*?</div>', answer.text, re.S)
    assert "late" not in answer.headers["location"]
    return answer.headers["location"].partition("?")[0]


async def part_at(room: object, path: str) -> AssignmentIssued:
    """The only part of a task, once the ledger has heard of it."""
    asked = "select a.*, t.title from assignment a join task t using (task_id) where task_id = $1"
    async with asyncio.timeout(10):
        while (row := await room.pool.fetchrow(asked, path.rpartition("/")[2])) is None:
            await asyncio.sleep(0.02)
    return AssignmentIssued.model_construct(assignment_id=row["assignment_id"], task_id=row["task_id"])


async def test_a_task_goes_from_registration_to_closure_by_three_persons(door, room, tasks_service):
    path = await registered(door, room)
    part = await part_at(room, path)
    clerk, head = await door("gaoping"), await door("gaoping-head")
    inspector, supervisor = await door("duchayuan"), await door("ducha")
    evidence = {"evidence": ("验收单.pdf", PDF, "text/html")}
    assert (await step(clerk, part, "acknowledge", responsible_person="刘芳")).status_code == 303
    assert (await step(clerk, part, "report", percent="60", text="已开工六十户，进展顺利")).status_code == 303
    assert (await step(head, part, "complete", evidence, text="一百户全部完工并验收")).status_code == 303
    assert (await step(inspector, part, "verify")).status_code == 303
    assert (await step(supervisor, part, "close", grade="excellent")).status_code == 303
    page = (await supervisor.get(path)).text
    for word in ("已销号", "优秀", "验收单.pdf", "王敏", "赵倩", "张军", "累计完成 60%"):
        assert word in page, word


async def test_what_was_just_done_is_on_the_very_next_page(door, room, tasks_service):
    part = await part_at(room, await registered(door, room))
    clerk = await door("gaoping")
    answer = await step(clerk, part, "acknowledge", responsible_person="刘芳")
    assert "late" not in answer.headers["location"]
    page = (await clerk.get(answer.headers["location"])).text
    assert "已签收" in page and "责任人 刘芳" in page and "/acknowledge" not in page


async def test_a_form_sent_twice_has_one_effect(door, room, tasks_service):
    part = await part_at(room, await registered(door, room))
    clerk = await door("gaoping")
    action = f"/tasks/{part.task_id}/parts/{part.assignment_id}/acknowledge"
    form = {"csrf_token": csrf(await clerk.get("/tasks")), "id": "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11"}
    answers = await asyncio.gather(*(clerk.post(action, data=form) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    said = "select count(*) from feed where type = 'assignment.acknowledged' and task_id = $1"
    assert await room.pool.fetchval(said, part.task_id) == 1


async def test_a_wrong_report_keeps_what_was_typed_and_names_the_field(door, room, tasks_service):
    part = await part_at(room, await registered(door, room))
    clerk = await door("gaoping")
    await step(clerk, part, "acknowledge")
    answer = await step(clerk, part, "report", percent="150", text="已开工六十户，进展顺利")
    assert answer.status_code == 422
    assert (
        "请填 0 到 100 之间的数字" in answer.text
        and 'value="150"' in answer.text
        and 'aria-invalid="true"' in answer.text
    )
    assert "<title>错误：" in answer.text and "已开工六十户" in answer.text


async def test_a_refusal_of_the_service_is_shown_in_its_own_words(door, room, tasks_service):
    part = await part_at(room, await registered(door, room))
    clerk = await door("gaoping")
    await step(clerk, part, "acknowledge")
    answer = await step(clerk, part, "report", percent="10", text="已开工六户，进展顺利")
    assert answer.status_code == 422 and "第一次报送时请填写" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("机密材料.pdf", PDF, "密级字样"),
        ("报告.pdf", b"MZ\x90\x00 not a pdf", "不是可接收的格式"),
        ("网页.html", b"<html>", "不是可接收的格式"),
        ("图.png", PDF, "不是可接收的格式"),
        ("空.pdf", b"", "空文件"),
    ],
)
async def test_a_file_is_judged_by_its_content(door, room, tasks_service, name, content, reason):
    part = await part_at(room, await registered(door, room))
    head = await door("gaoping-head")
    await step(head, part, "acknowledge", responsible_person="张军")
    await step(head, part, "report", percent="90", text="接近完成，准备验收")
    answer = await step(head, part, "complete", {"evidence": (name, content, "application/pdf")}, text="全部完成请核验")
    assert answer.status_code == 422 and reason in answer.text


async def test_evidence_is_given_only_to_who_may_see_its_task(door, room, tasks_service):
    part = await part_at(room, await registered(door, room))
    head = await door("gaoping-head")
    await step(head, part, "acknowledge", responsible_person="张军")
    await step(head, part, "report", {"evidence": ("../../照片.pdf", PDF, "")}, percent="90", text="接近完成，准备验收")
    link = re.search(
        r'href="(/tasks/[^"]+/evidence/[0-9a-f]{64})">([^<]+)', (await head.get(f"/tasks/{part.task_id}")).text
    )
    assert link[2] == "照片.pdf"
    answer = await (await door("ducha")).get(link[1])
    assert answer.content == PDF and answer.headers["content-disposition"].startswith("attachment")
    assert (await (await door("zrzyt")).get(link[1])).status_code == 404
    assert (await head.get(f"/tasks/{part.task_id}/evidence/{'0' * 64}")).status_code == 404


async def test_a_task_without_a_measurable_target_is_refused_with_the_field(door, room, tasks_service):
    form = {
        "title": "加强作风建设",
        "lead_official": "副省长",
        "target": "进一步加强",
        "verification_form": "报告",
        "lead": GAOPING,
    }
    answer = await send(await door("ducha"), "/tasks/new", "/tasks/new", None, board="daily", weight="ordinary", **form)
    assert answer.status_code == 422 and "不可量化" in answer.text and "加强作风建设" in answer.text


async def test_where_the_service_does_not_run_the_page_says_so(door, province):
    task = task_of(province, "高平市农村饮水安全巩固提升")
    answer = await step(await door("gaoping"), part_of(province, task, GAOPING), "acknowledge")
    assert answer.status_code == 422 and "服务没有运行" in answer.text


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


async def test_the_wall_counts_what_the_ledger_counts(door, room):
    from datetime import UTC, datetime

    from services.portal.domain.filters import Filters
    from tests.portal.conftest import INSPECTOR

    page = (await (await door("ducha")).get("/wall")).text
    counted = await tasks.facets(room.pool, INSPECTOR, Filters(), datetime.now(UTC))
    for light in ("normal", "lagging", "stalled", "overdue"):
        shown = re.search(rf'href="/tasks\?light={light}">.*?<b>(\d+)</b>', page, re.S)
        assert int(shown[1]) == counted["light"].get(light, 0)
    assert f"<small> / {counted['total']['']} 件销号</small>" in page


async def test_a_unit_s_wall_counts_its_own_alone(door):
    whole = (await (await door("ducha")).get("/wall")).text
    own = (await (await door("gaoping")).get("/wall")).text
    total = [int(re.search(r"<small> / (\d+) 件销号", page)[1]) for page in (whole, own)]
    assert total[0] == 76 and 0 < total[1] < 10


async def test_an_import_is_tried_out_and_then_taken_whole(door, room, tasks_service):
    from tests.tasks.test_import import SAMPLE  # the office's own workbook

    someone = await door("ducha")
    files = {"ledger": ("台账.xlsx", SAMPLE.read_bytes(), "")}
    tried = await send(someone, "/tasks/import", "/tasks/import", files)
    assert tried.status_code == 200, tried.text[-3000:]
    new = int(re.search(r"导入这 (\d+) 条", tried.text)[1])
    before = await room.pool.fetchval("select count(*) from task")
    form = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', tried.text.partition("/tasks/import/commit")[2]
        )
    )
    answer = await someone.post("/tasks/import/commit", data=form)
    assert answer.status_code == 303
    async with asyncio.timeout(20):
        while await room.pool.fetchval("select count(*) from task") < before + new:
            await asyncio.sleep(0.05)
    again = await send(someone, "/tasks/import", "/tasks/import", {"ledger": ("台账.xlsx", SAMPLE.read_bytes(), "")})
    assert "没有新的事项需要导入" in again.text


async def test_the_office_and_a_department_see_the_same_task(door, province):
    task = task_of(province, "优化城乡建设用地增减挂钩试点改革")
    assert task.issuer == OFFICE and task.parts[0].unit == LAND
    for login in ("duchayuan2", "zrzyt-head"):
        assert task.title in (await (await door(login)).get(f"/tasks/{task.task_id}")).text
