"""A file with classified matter inside is stored nowhere, whichever way it comes; every other file is as before."""

import asyncio
import threading
from hashlib import sha256

import pytest

from contracts.envelope import ActorRole
from deploy.local.demo.plan import EVIDENCE
from services.portal.web import uploads
from tests.portal.province import HOUSING, PDF
from tests.portal.task.test_task_forms import send, step
from tests.portal.web.file_formats import FORMATS, docx, pdf, xlsx
from tests.story.province import GAOPING, OFFICE
from tests.tasks.ledger.test_import import SAMPLE

BY_FORMAT = {"材料.docx": docx, "材料.pdf": pdf, "材料.xlsx": xlsx}
LEDGER = "序号,事项,备注\r\n1,封闭水井,机密★\r\n".encode()
SCAN = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def is_nowhere(service, content: bytes) -> bool:
    digest = sha256(content).hexdigest()
    listed = await service.pool.fetchval("select count(*) from upload where digest = $1", digest)
    return not listed and not await service.blobs.has(digest)


@pytest.mark.parametrize("name", BY_FORMAT)
async def test_evidence_with_a_mark_inside_is_refused_and_not_stored(api, service, name):
    content = BY_FORMAT[name]("机密★")
    answer = await (await api(GAOPING)).post("/v1/evidence", params={"name": name}, content=content)
    assert answer.status_code == 422
    assert answer.json()["title"] == f"“{name}”的内容含有“机密”字样：本平台不得传输涉密信息"
    assert await is_nowhere(service, content)


@pytest.mark.parametrize(("name", "content"), [("台账.xlsx", xlsx("机密★")), ("台账.csv", LEDGER)])
@pytest.mark.parametrize("way", ["api", "page"])
async def test_a_ledger_with_a_mark_inside_is_refused_and_not_stored(api, visit, service, name, content, way):
    if way == "api":
        office = await api(OFFICE, ActorRole.INSPECTOR)
        headers = {"Idempotency-Key": "00000000-0000-4000-8000-000000000001"}
        answer = await office.post("/v1/imports", params={"name": name}, content=content, headers=headers)
    else:
        files = {"ledger": (name, content, "")}
        answer = await send(await visit("ducha"), "/tasks/import", "/tasks/import", files)
    assert answer.status_code == 422 and f"“{name}”的内容含有“机密”字样" in answer.text
    assert await is_nowhere(service, content)


async def test_of_several_files_on_a_form_none_is_stored_where_one_has_a_mark_inside(visit, province, service):
    clean, classified = pdf("进展顺利"), docx("机密★")
    files = [("evidence", ("照片.pdf", clean, "")), ("evidence", ("说明.docx", classified, ""))]
    clerk = await visit("gaoping")
    answer = await step(clerk, province.part(HOUSING), "report", files, percent="90", text="接近完成，准备验收")
    assert answer.status_code == 422 and "“说明.docx”的内容含有“机密”字样" in answer.text
    assert await is_nowhere(service, clean) and await is_nowhere(service, classified)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, make("商业秘密保护方案")) for name, make in BY_FORMAT.items()),
        ("材料.ofd", FORMATS["a.ofd"]("已封闭水井")),
        ("材料.doc", FORMATS["a.doc"]("已封闭水井")),
        ("验收单.pdf", PDF),
        ("扫描件.png", SCAN),
        ("损坏.docx", docx("进展顺利")[:-30]),
    ],
)
async def test_a_file_without_a_mark_or_without_text_is_stored(api, service, name, content):
    answer = await (await api(GAOPING)).post("/v1/evidence", params={"name": name}, content=content)
    assert answer.status_code == 201 and answer.json()["sha256"] == sha256(content).hexdigest()
    assert not await is_nowhere(service, content)


@pytest.mark.parametrize("content", [EVIDENCE, SAMPLE.read_bytes()])
def test_nothing_of_the_demo_bears_a_mark(content):
    assert uploads.mark_inside(content, "a.xlsx") is None


async def test_other_requests_are_answered_while_a_file_is_read(api, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(uploads, "text_of", lambda *_: "" if answered.wait(10) else "机密★")
    county = await api(GAOPING)
    reading = asyncio.ensure_future(county.post("/v1/evidence", params={"name": "a.pdf"}, content=PDF))
    await asyncio.sleep(0.2)
    assert (await county.get("/v1/notices")).status_code == 200
    answered.set()
    assert (await reading).status_code == 201
