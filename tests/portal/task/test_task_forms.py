"""What people do on the pages, before the real tasks service: every step, every refusal, every file."""

import asyncio
import re

import httpx
import pytest

from contracts.assignment import Assignment
from services.chassis.service import Service
from tests.portal.conftest import Visit, csrf
from tests.portal.province import PDF, WATER_SUPPLY
from tests.story.province import GAOPING
from tests.tasks.ledger.test_import import SAMPLE


async def send(
    someone: httpx.AsyncClient, page: str, action: str, files: object = None, **fields: str
) -> httpx.Response:
    """Fill in the form with that action on a page, and send it with its hidden fields."""
    text = (await someone.get(page)).text
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.S)
    assert form, f"{action} is not on {page}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    return await someone.post(action, data={**hidden, **fields}, files=files)


async def step(someone: httpx.AsyncClient, part: Assignment, act: str, files: object = None, **fields: str):
    page = f"/tasks/{part.task_id}"
    return await send(someone, page, f"{page}/assignments/{part.assignment_id}/{act}", files, **fields)


async def registered(visit: Visit, service: Service, **fields: str) -> str:
    """A task of 高平市 registered by hand; the path of its page."""
    form = {
        "title": "高平市危旧房改造一百户", "board": "project", "weight": "ordinary", "lead_official": "副省长 李建国",
        "target": "完成改造100户", "verification_form": "验收单", "lead": GAOPING,
    }  # fmt: skip
    answer = await send(await visit("ducha"), "/tasks/new", "/tasks/new", None, **{**form, **fields})
    assert answer.status_code == 303, re.findall(r'role="alert".*?</div>', answer.text, re.S)
    assert "late" not in answer.headers["location"]
    return answer.headers["location"].partition("?")[0]


async def assignment_at(service: Service, path: str) -> Assignment:
    """The only assignment of a task that was just registered: it is there with the task."""
    query = "select assignment_id, task_id from assignment where task_id = $1"
    row = await service.pool.fetchrow(query, path.rpartition("/")[2])
    return Assignment.model_construct(assignment_id=row["assignment_id"], task_id=row["task_id"])


async def test_a_task_goes_from_registration_to_closure_by_three_persons(visit, service, tasks_service):
    path = await registered(visit, service)
    part = await assignment_at(service, path)
    clerk, head = await visit("gaoping"), await visit("gaoping-head")
    inspector, supervisor = await visit("duchayuan"), await visit("ducha")
    evidence = {"evidence": ("验收单.pdf", PDF, "text/html")}
    assert (await step(clerk, part, "acknowledge", responsible_person="刘芳")).status_code == 303
    assert (await step(clerk, part, "report", percent="60", text="已开工六十户，进展顺利")).status_code == 303
    assert (await step(clerk, part, "report", percent="100", text="一百户全部完工")).status_code == 303
    assert (await step(head, part, "complete", evidence, text="一百户全部完工并验收")).status_code == 303
    assert (await step(inspector, part, "verify")).status_code == 303
    assert (await step(supervisor, part, "close", grade="excellent")).status_code == 303
    page = (await supervisor.get(path)).text
    for word in ("已销号", "优秀", "验收单.pdf", "王敏", "赵倩", "张军", "累计完成 60%"):
        assert word in page, word


async def test_what_was_just_done_is_on_the_very_next_page(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
    answer = await step(clerk, part, "acknowledge", responsible_person="刘芳")
    assert "late" not in answer.headers["location"]
    page = (await clerk.get(answer.headers["location"])).text
    assert "已签收" in page and "责任人 刘芳" in page and "/acknowledge" not in page


async def test_a_form_sent_twice_has_one_effect(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
    action = f"/tasks/{part.task_id}/assignments/{part.assignment_id}/acknowledge"
    form = {"csrf_token": csrf(await clerk.get("/tasks")), "id": "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11"}
    answers = await asyncio.gather(*(clerk.post(action, data=form) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    query = "select count(*) from feed where type = 'assignment.acknowledged' and task_id = $1"
    assert await service.pool.fetchval(query, part.task_id) == 1


async def test_a_wrong_report_keeps_what_was_typed_and_names_the_field(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
    await step(clerk, part, "acknowledge")
    answer = await step(clerk, part, "report", percent="150", text="已开工六十户，进展顺利")
    assert answer.status_code == 422
    assert "累计完成：不能大于 100" in answer.text and 'value="150"' in answer.text
    assert "<title>错误：" in answer.text and "已开工六十户" in answer.text


async def test_everything_that_is_wrong_is_told_at_once_and_leads_to_its_field(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
    await step(clerk, part, "acknowledge")
    files = {"evidence": ("机密材料.pdf", PDF, "")}
    page = (await step(clerk, part, "report", files, percent="15.123", text="好")).text
    for name, message in (("percent", "最多 2 位小数"), ("text", "至少 5 个字符"), ("evidence", "密级字样")):
        id = f"report-{part.assignment_id}-{name}"
        assert re.search(f'<a href="#{id}">[^<]*{message}', page), name
        field = re.search(f'<(?:input|textarea)[^>]* id="{id}"[^>]*>', page)[0]
        assert 'aria-invalid="true"' in field and f"{id}-error" in field, field
        assert re.search(f'<p class="error" id="{id}-error">[^<]*{message}', page), name


async def test_a_file_that_was_taken_need_not_be_chosen_again(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
    await step(clerk, part, "acknowledge", responsible_person="刘芳")
    page = await step(clerk, part, "report", {"evidence": ("照片.pdf", PDF, "")}, percent="60", text="好")
    kept = re.search(r'name="kept" value="([0-9a-f]{64})" checked> 已上传：照片.pdf', page.text)[1]
    done = await step(clerk, part, "report", percent="60", text="已开工六十户，进展顺利", kept=kept)
    assert done.status_code == 303 and "照片.pdf" in (await clerk.get(f"/tasks/{part.task_id}")).text
    foreign = await step(clerk, part, "report", percent="61", text="已开工六十户，进展顺利", kept="0" * 64)
    assert foreign.status_code == 303
    query = "select count(*) from feed where type = 'assignment.reported' and body::text like '%' || $1 || '%'"
    assert await service.pool.fetchval(query, "0" * 64) == 0


async def test_what_was_typed_is_kept_even_where_the_action_is_over(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk, office = await visit("gaoping"), await visit("ducha")
    await step(clerk, part, "acknowledge", responsible_person="刘芳")
    form = {"csrf_token": csrf(await clerk.get("/tasks")), "percent": "20", "text": "已开工二十户，进展顺利"}
    page = f"/tasks/{part.task_id}"
    assert (await send(office, page, f"{page}/whole/suspend", reason="汛期停工")).status_code == 303
    answer = await clerk.post(f"{page}/assignments/{part.assignment_id}/report", data=form)
    assert answer.status_code == 409 and "已开工二十户，进展顺利" in answer.text


async def test_a_refusal_of_the_service_is_shown_in_its_own_words(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk = await visit("gaoping")
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
async def test_a_file_is_judged_by_its_content(visit, service, tasks_service, name, content, reason):
    part = await assignment_at(service, await registered(visit, service))
    head = await visit("gaoping-head")
    await step(head, part, "acknowledge", responsible_person="张军")
    await step(head, part, "report", percent="90", text="接近完成，准备验收")
    answer = await step(head, part, "complete", {"evidence": (name, content, "application/pdf")}, text="全部完成请核验")
    assert answer.status_code == 422 and reason in answer.text


async def test_evidence_is_given_only_to_who_may_see_its_task(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    head = await visit("gaoping-head")
    await step(head, part, "acknowledge", responsible_person="张军")
    await step(head, part, "report", {"evidence": ("../../照片.pdf", PDF, "")}, percent="90", text="接近完成，准备验收")
    link = re.search(
        r'href="(/tasks/[^"]+/evidence/[0-9a-f]{64})">([^<]+)', (await head.get(f"/tasks/{part.task_id}")).text
    )
    assert link[2] == "照片.pdf"
    answer = await (await visit("ducha")).get(link[1])
    assert answer.content == PDF and answer.headers["content-disposition"].startswith("attachment")
    assert (await (await visit("zrzyt")).get(link[1])).status_code == 404
    assert (await head.get(f"/tasks/{part.task_id}/evidence/{'0' * 64}")).status_code == 404


async def test_a_task_without_a_measurable_target_is_refused_with_the_field(visit, service, tasks_service):
    form = {
        "title": "加强作风建设",
        "lead_official": "副省长",
        "target": "进一步加强",
        "verification_form": "报告",
        "lead": GAOPING,
    }
    answer = await send(
        await visit("ducha"), "/tasks/new", "/tasks/new", None, board="daily", weight="ordinary", **form
    )
    assert answer.status_code == 422 and "不可量化" in answer.text and "加强作风建设" in answer.text


async def test_where_the_service_does_not_run_the_page_says_so(visit, province):
    answer = await step(await visit("gaoping"), province.part(WATER_SUPPLY), "acknowledge")
    assert answer.status_code == 503 and "服务没有运行" in answer.text


async def test_an_import_is_tried_out_and_then_taken_whole(visit, service, tasks_service):
    someone = await visit("ducha")
    files = {"ledger": ("台账.xlsx", SAMPLE.read_bytes(), "")}
    tried = await send(someone, "/tasks/import", "/tasks/import", files)
    assert tried.status_code == 200, tried.text[-3000:]
    new = int(re.search(r"导入这 (\d+) 条", tried.text)[1])
    before = await service.pool.fetchval("select count(*) from task")
    form = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', tried.text.partition("/tasks/import/commit")[2]
        )
    )
    answer = await someone.post("/tasks/import/commit", data=form)
    assert answer.status_code == 303
    async with asyncio.timeout(60):
        while await service.pool.fetchval("select count(*) from task") < before + new:
            await asyncio.sleep(0.05)
    again = await send(someone, "/tasks/import", "/tasks/import", {"ledger": ("台账.xlsx", SAMPLE.read_bytes(), "")})
    assert "没有新的事项需要导入" in again.text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_csv_is_tried_out_like_a_workbook(visit, tasks_service, encoding):
    ledger = "序号,事项名称,所属板块,牵头领导,牵头单位,目标任务,成果形式,交办日期,完成时限\n"
    ledger += "901,水库除险加固,重点工程,分管副省长,高平市政府,完成3座,验收单,2026-11-02,2099-06-30\n"
    tried = await send(
        await visit("ducha"), "/tasks/import", "/tasks/import", {"ledger": ("台账.csv", ledger.encode(encoding), "")}
    )
    assert tried.status_code == 200 and "水库除险加固" in tried.text, tried.text[-2000:]


@pytest.mark.parametrize(
    ("name", "content"), [("台账.xls", b"\xd0\xcf\x11\xe0"), ("台账.csv", b"a\0b"), ("台账.xlsx", b"a")]
)
async def test_what_is_no_ledger_is_told_what_would_be(visit, name, content):
    answer = await send(await visit("ducha"), "/tasks/import", "/tasks/import", {"ledger": (name, content, "")})
    assert answer.status_code == 422 and "请上传 Excel 工作簿（xlsx）或 CSV" in answer.text


async def test_a_lead_whose_others_are_not_verified_reads_whom_it_waits_for_in_place_of_a_form(
    visit, service, tasks_service
):
    path = await registered(visit, service, responsible="晋城市政府")
    row = "select assignment_id, task_id from assignment where task_id = $1 and role = 'lead'"
    lead = Assignment.model_construct(**await service.pool.fetchrow(row, path.rpartition("/")[2]))
    head = await visit("gaoping-head")
    await step(head, lead, "acknowledge", responsible_person="刘芳")
    await step(head, lead, "report", percent="100", text="一百户全部完工")
    page = (await head.get(path)).text
    assert "晋城市政府等 1 家的部分还没有通过核验" in page and "/complete" not in page
