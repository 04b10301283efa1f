"""An office's workbook onto the register: every row or none, each with its reason, and never twice (R12)."""

import asyncio
import csv
import io
import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from contracts.commands.task import ImportLedger, RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole, Done
from contracts.refusals import Refused
from contracts.terms import Board, Role
from contracts.workdays import closing
from services.chassis import rpc_server
from services.chassis.service import Service
from services.tasks.ledger import importing
from services.tasks.ledger.domain.intake import Intake, Outcome, RowResult
from tests.tasks.commands import SUPERVISOR, ask, emitted, granted

LEDGERS = Path(__file__).parents[2] / "data/ledgers"
SAMPLE = LEDGERS / "2026-督办台账-样例.xlsx"
EXPECTED = list(csv.DictReader((LEDGERS / "expected.csv").open(encoding="utf-8-sig")))


def workbook(**cells: object) -> bytes:
    """The sample with some cells changed, such as `F8="省公按厅"`."""
    book = openpyxl.load_workbook(SAMPLE)
    for place, value in cells.items():
        book.worksheets[0][place] = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def load(service: Service, content: bytes | None = None, **more: object) -> ImportLedger:
    blob = await service.blobs.put(SAMPLE.read_bytes() if content is None else content)
    return ImportLedger(**({"actor": SUPERVISOR, "blob": blob, "filename": "台账.xlsx"} | more))


async def tasks(service: Service) -> int:
    return await service.pool.fetchval("select count(*) from task")


def troubled(answer: Done | Refused) -> dict[int, list[str]]:
    """Row → the reasons why it is refused."""
    return {
        row["row"]: [problem["code"] for problem in row["problems"]] for row in answer.detail["rows"] if row["problems"]
    }


async def test_a_dry_run_says_what_each_row_would_become_and_changes_nothing(service):
    before = len(await emitted(service))
    answer = await granted(service, await load(service, dry_run=True))
    assert answer.detail["counts"] == {
        "rows": 22, "new": 22, "recognised": 0, "refused": 0, "warned": 0, "assignments": 287,
    }  # fmt: skip
    rows = answer.detail["rows"]
    assert [(row["number"], row["units"][0]) for row in rows] == [(e["no"], e["lead_unit"]) for e in EXPECTED]
    assert (await tasks(service), len(await emitted(service))) == (0, before)


async def test_every_row_of_the_sample_is_loaded_as_expected(service):
    await granted(service, await load(service))
    registered = {event["task"]["number"]: event["task"] for event in await emitted(service, "task.registered")}
    reports = await emitted(service, "assignment.reported")
    percents = {event["assignment"]["task_id"]: event["percent"] for event in reports}
    for row in EXPECTED:
        task = registered.pop(row["no"])
        assert task["lead_name"] == row["lead_unit"]
        assert (task["deadline"]["kind"], task["deadline_text"]) == (row["clock"], row["deadline_text"])
        due = closing(date.fromisoformat(row["due"])) if row["due"] else None
        assert task["deadline"]["due"] == (due and due.isoformat().replace("+00:00", "Z"))
        assert float(percents.pop(task["task_id"], 0)) == float(row["progress"] or 0)
    assert not registered and not percents


async def test_the_events_of_an_import_know_that_it_is_history(service):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    await granted(service, await load(service, historical_before=moment))
    for kind in ("task.registered", "assignment.issued"):
        states = [event[kind.partition(".")[0]] for event in await emitted(service, kind)]
        assert {state["historical_before"] for state in states} == {"2026-11-01T00:00:00Z"}


async def test_history_ends_now_unless_told_otherwise(service):
    await granted(service, await load(service))
    (issued, *_) = await emitted(service, "assignment.issued")
    assert issued["assignment"]["historical_before"] == issued["time"]


async def test_progress_is_dated_as_the_sheet_says_or_as_the_command_says(service):
    await granted(service, await load(service, as_of=date(2026, 10, 15)))
    reports = await emitted(service, "assignment.reported")
    assert {report["submitted_at"] for report in reports} == {"2026-10-15T10:00:00Z"}
    assert {report["kind"] for report in reports} == {"imported"}


async def test_the_same_file_again_is_recognised_row_by_row(service):
    await granted(service, await load(service))
    before = await emitted(service)
    for command in (await load(service, dry_run=True), await load(service)):
        counts = (await granted(service, command)).detail["counts"]
        assert (counts["new"], counts["recognised"], counts["refused"]) == (0, 22, 0)
    assert await emitted(service) == before


async def test_of_two_imports_at_once_one_enters_the_ledger_and_the_other_recognises_it(service):
    first, second = await asyncio.gather(*[granted(service, await load(service)) for _ in range(2)])
    assert sorted(answer.detail["counts"]["new"] for answer in (first, second)) == [0, 22]
    events = [(event["aggregate"], event["version"]) for event in await emitted(service)]
    assert len(events) == len(set(events))


async def test_the_next_months_ledger_is_the_same_ledger(service):
    for title, new in (("督办台账（截至9月30日）", 22), ("督办台账（截至10月31日）", 0)):
        answer = await granted(service, await load(service, workbook(A1=title)))
        assert answer.detail["counts"]["new"] == new


async def test_a_number_in_wide_digits_is_the_same_number(service):
    same = openpyxl.load_workbook(io.BytesIO(workbook())).worksheets[0]
    rows = [row[0].row for row in same.iter_rows() if str(row[0].value) in ("1", "2")]
    answer = await ask(service, await load(service, workbook(**{f"A{rows[1]}": "１"})))
    assert troubled(answer) == {rows[1]: ["number_repeated"]}


@pytest.mark.parametrize("spelling", ["01", "1.0", "1"])
async def test_a_number_in_another_spelling_is_the_same_row(service, spelling):
    await granted(service, await load(service))
    sheet = openpyxl.load_workbook(io.BytesIO(workbook())).worksheets[0]
    row = next(cells[0].row for cells in sheet.iter_rows() if str(cells[0].value) == "1")
    counts = (await granted(service, await load(service, workbook(**{f"A{row}": spelling})))).detail["counts"]
    assert (counts["new"], counts["recognised"]) == (0, 22)


async def test_a_longer_file_adds_only_its_new_rows(service):
    shorter = openpyxl.load_workbook(SAMPLE)
    shorter.worksheets[0].delete_rows(31)
    content = io.BytesIO()
    shorter.save(content)
    await granted(service, await load(service, content.getvalue()))
    counts = (await granted(service, await load(service))).detail["counts"]
    assert (counts["new"], counts["recognised"]) == (1, 21)
    assert await tasks(service) == 22


async def test_one_bad_row_keeps_all_out_and_every_bad_row_has_its_reasons(service):
    broken = workbook(F8="省能原局", M5="尽快办理", G17="省直有关部门", I10="", N12="150%", L14="2026-02-30")
    before = len(await emitted(service))
    for answer in (
        await ask(service, await load(service, broken)),
        await ask(service, await load(service, broken, dry_run=True)),
    ):
        assert troubled(answer) == {
            5: ["deadline_unreadable"],
            8: ["unit_unknown"],
            10: ["required"],
            12: ["progress_unreadable"],
            14: ["date_unreadable"],
            17: ["unit_vague"],
        }
        assert answer.detail["counts"]["refused"] == 6
        assert all(problem["message"] for row in answer.detail["rows"] for problem in row["problems"])
    assert (await tasks(service), len(await emitted(service))) == (0, before)


async def test_a_refused_row_is_called_by_its_own_name_unless_that_may_be_classified(service):
    answer = await ask(service, await load(service, workbook(F8="省能原局", M5="尽快办理", N5="机密"), dry_run=True))
    named = {row["row"]: (row["number"], row["title"]) for row in answer.detail["rows"] if row["problems"]}
    assert named[8] == ("4", "冬季取暖保供调度") and named[5] == ("", "")


async def test_a_refused_commit_names_the_rows(service):
    answer = await ask(service, await load(service, workbook(F8="省能原局")))
    assert (answer.code, answer.pointer) == ("rows_refused", "/blob")
    assert "第 8 行" in answer.message


async def test_a_number_that_now_stands_for_another_task_is_refused(service):
    await granted(service, await load(service))
    answer = await ask(service, await load(service, workbook(B5="另一件完全不同的事项")))
    assert troubled(answer) == {5: ["number_taken"]}
    assert await tasks(service) == 22


async def test_a_number_taken_by_hand_is_refused_too(service):
    by_hand = RegisterTask(
        actor=SUPERVISOR,
        number="3",
        ledger="2026年省政府重点督办事项台账",
        title="手工登记的事项",
        board=Board.DAILY,
        lead_official="省长",
        target="办结1件",
        verification_form="报告",
        parts=[RequestedPart(unit="省公安厅", role=Role.LEAD)],
    )
    await granted(service, by_hand)
    assert troubled(await ask(service, await load(service))) == {7: ["number_taken"]}


async def test_a_target_nobody_can_count_is_a_warning_for_a_ledger_already_kept(service):
    answer = await granted(service, await load(service, workbook(I5="切实加强领导，持续改善")))
    warned = [row for row in answer.detail["rows"] if row["warnings"]]
    assert [(row["row"], row["outcome"], row["warnings"][0]["code"]) for row in warned] == [
        (5, "new", "not_measurable")
    ]


@pytest.mark.parametrize(("content", "code"), [(b"", "rows_refused"), (b"PK\x03\x04 torn", "unreadable")])
async def test_a_file_that_is_no_ledger_is_refused_as_a_whole(service, content, code):
    answer = await ask(service, await load(service, content))
    assert (answer.code, answer.pointer) == (code, "/blob")
    assert answer.message


async def test_a_file_that_was_never_uploaded_is_refused(service):
    answer = await ask(service, ImportLedger(actor=SUPERVISOR, blob="0" * 64, filename="台账.xlsx"))
    assert answer.code == "blob_missing"


async def test_a_unit_may_not_import(service):
    clerk = Actor(person="经办人", unit="14.00.00.000.gat", roles=(ActorRole.UNIT_HEAD,))
    assert (await ask(service, await load(service, actor=clerk))).code == "forbidden"


async def test_a_csv_of_the_same_rows_is_the_same_ledger(service):
    sheet = openpyxl.load_workbook(SAMPLE).worksheets[0]
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in sheet.values])
    await granted(service, await load(service, text.getvalue().encode("gb18030"), filename="台账.csv"))
    assert (await granted(service, await load(service, dry_run=True))).detail["counts"]["recognised"] == 22


async def test_who_waits_learns_how_far_the_import_has_come(service):
    command = await load(service)
    progress = await service.nc.subscribe(f"duban.progress.{command.id}")
    await granted(service, command)
    message = await progress.next_msg(timeout=2)
    assert json.loads(message.data) == {"done": 22, "total": 22}


def test_an_answer_with_too_many_rows_shows_the_refused_ones_first():
    good = [RowResult(row, Outcome.NEW, title="封" * 300, units=("省公安厅",) * 20) for row in range(1, 2000)]
    bad = RowResult(2000, Outcome.REFUSED)
    result = importing.detail(Intake((*good, bad), ()))
    assert result["rows"][-1]["row"] == 2000
    assert result["left_out"] == 2000 - len(result["rows"]) > 0
    assert len(json.dumps(result, ensure_ascii=False).encode()) < 1_000_000
    assert result["counts"]["rows"] == 2000


async def at_the_prompt(service: Service, *words: str) -> tuple[int, str]:
    """`duban` with these words while the service's desks are open: exit code and what was printed."""
    if not service.broker.subscribers:
        rpc_server.subscribe(service)
        await service.broker.start()
    settings = service.settings
    case = {"PG_DSN": settings.pg_dsn, "NATS_URL": settings.nats_url, "VAR": str(settings.var)}
    environment = os.environ | {f"DUBAN_{name}": value for name, value in case.items()} | {"COLUMNS": "200"}
    program = [sys.executable, "-c", "from services.tasks.cli import app; app()", *words]
    process = await asyncio.create_subprocess_exec(
        *program, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode()


async def test_an_operator_imports_from_the_prompt_and_sees_each_row(service):
    code, visible = await at_the_prompt(service, "import", str(SAMPLE))
    assert code == 0, visible
    assert "共 22 行，新增 22，已登记 0，有误 0" in visible
    assert "省自然资源厅" in visible
    assert await tasks(service) == 22


async def test_a_broken_ledger_ends_the_command_with_one_and_the_reason(service, tmp_path):
    file = tmp_path / "坏台账.xlsx"
    file.write_bytes(workbook(F8="省能原局"))
    code, visible = await at_the_prompt(service, "import", "--dry-run", str(file))
    assert code == 1, visible
    assert "省能原局" in visible and "有误 1" in visible
    code, visible = await at_the_prompt(service, "import", "--json", str(file))
    assert code == 1
    assert json.loads(visible)["code"] == "rows_refused"
    assert await tasks(service) == 0


async def test_a_unit_is_found_by_its_short_name_and_a_cut_list_says_so(service):
    code, visible = await at_the_prompt(service, "units", "find", "省发改委")
    assert (code, visible.split()[0]) == (0, "14.00.00.000.fgw")
    code, visible = await at_the_prompt(service, "units", "find", "教育局", "--limit", "1")
    assert code == 0 and "只列出前 1 个" in visible


@pytest.mark.parametrize("noun", ["units", "persons", "posts"])
async def test_a_search_that_finds_nothing_says_so_and_ends_with_one(service, noun):
    code, visible = await at_the_prompt(service, noun, "find", "某某某")
    assert code == 1 and "没有找到" in visible


async def test_a_person_and_then_a_post_are_registered_from_the_prompt(service):
    code, visible = await at_the_prompt(service, "posts", "fill", "省政府", "常务副省长", "--person", "wang")
    assert code == 1 and "请先登记人员" in visible
    code, visible = await at_the_prompt(service, "persons", "add", "wang", "王建", "省政府")
    assert (code, visible.strip()) == (0, "已登记：wang  王建  14.00.00.000.gov")
    code, visible = await at_the_prompt(service, "posts", "fill", "省政府", "常务副省长", "--person", "wang")
    assert code == 0 and "王建" in visible
    code, visible = await at_the_prompt(service, "persons", "find", "王")
    assert code == 0 and "省政府" in visible
