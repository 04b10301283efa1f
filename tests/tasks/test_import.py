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

from contracts.commands import ImportLedger, RegisterTask, WantedPart
from contracts.envelope import Actor, ActorRole, Done, Refused
from contracts.terms import Board, Role
from contracts.workdays import closing
from services.chassis import app
from services.chassis.room import Room
from services.tasks import importing
from services.tasks.domain.intake import Intake, Outcome, RowResult
from tests.tasks.test_tasks_handlers import SUPERVISOR, ask, granted, said

LEDGERS = Path(__file__).parent.parent / "data/ledgers"
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


async def wish(room: Room, content: bytes | None = None, **more: object) -> ImportLedger:
    blob = await room.blobs.put(SAMPLE.read_bytes() if content is None else content)
    return ImportLedger(**({"actor": SUPERVISOR, "blob": blob, "filename": "台账.xlsx"} | more))


async def tasks(room: Room) -> int:
    return await room.pool.fetchval("select count(*) from task")


def troubled(answer: Done | Refused) -> dict[int, list[str]]:
    """Row → the reasons why it is refused."""
    return {
        row["row"]: [problem["code"] for problem in row["problems"]] for row in answer.detail["rows"] if row["problems"]
    }


async def test_a_dry_run_says_what_each_row_would_become_and_changes_nothing(room):
    before = len(await said(room))
    answer = await granted(room, await wish(room, dry_run=True))
    assert answer.detail["counts"] == {
        "rows": 22, "new": 22, "recognised": 0, "refused": 0, "warned": 0, "assignments": 287,
    }  # fmt: skip
    rows = answer.detail["rows"]
    assert [(row["number"], row["units"][0]) for row in rows] == [(e["no"], e["lead_unit"]) for e in EXPECTED]
    assert (await tasks(room), len(await said(room))) == (0, before)


async def test_every_row_of_the_sample_is_loaded_as_expected(room):
    await granted(room, await wish(room))
    registered = {event["number"]: event for event in await said(room, "task.registered")}
    percents = {event["task_id"]: event["percent"] for event in await said(room, "assignment.reported")}
    for row in EXPECTED:
        event = registered.pop(row["no"])
        assert event["parts"][0]["name"] == row["lead_unit"]
        assert (event["deadline"]["kind"], event["deadline_text"]) == (row["clock"], row["deadline_text"])
        due = closing(date.fromisoformat(row["due"])) if row["due"] else None
        assert event["deadline"]["due"] == (due and due.isoformat().replace("+00:00", "Z"))
        assert float(percents.pop(event["task_id"], 0)) == float(row["progress"] or 0)
    assert not registered and not percents


async def test_what_an_import_says_knows_that_it_is_history(room):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    await granted(room, await wish(room, historical_before=moment))
    for kind in ("task.registered", "assignment.issued"):
        assert {event["historical_before"] for event in await said(room, kind)} == {"2026-11-01T00:00:00Z"}


async def test_history_ends_now_unless_told_otherwise(room):
    await granted(room, await wish(room))
    (issued, *_) = await said(room, "assignment.issued")
    assert issued["historical_before"] == issued["time"]


async def test_progress_is_dated_as_the_sheet_says_or_as_the_command_says(room):
    await granted(room, await wish(room, as_of=date(2026, 10, 15)))
    reports = await said(room, "assignment.reported")
    assert {report["submitted_at"] for report in reports} == {"2026-10-15T10:00:00Z"}
    assert {report["kind"] for report in reports} == {"imported"}


async def test_the_same_file_again_is_recognised_row_by_row(room):
    await granted(room, await wish(room))
    before = await said(room)
    for command in (await wish(room, dry_run=True), await wish(room)):
        counts = (await granted(room, command)).detail["counts"]
        assert (counts["new"], counts["recognised"], counts["refused"]) == (0, 22, 0)
    assert await said(room) == before


async def test_of_two_imports_at_once_one_enters_the_ledger_and_the_other_recognises_it(room):
    first, second = await asyncio.gather(*[granted(room, await wish(room)) for _ in range(2)])
    assert sorted(answer.detail["counts"]["new"] for answer in (first, second)) == [0, 22]
    events = [(event["aggregate"], event["version"]) for event in await said(room)]
    assert len(events) == len(set(events))


async def test_the_next_months_ledger_is_the_same_ledger(room):
    for title, new in (("督办台账（截至9月30日）", 22), ("督办台账（截至10月31日）", 0)):
        answer = await granted(room, await wish(room, workbook(A1=title)))
        assert answer.detail["counts"]["new"] == new


async def test_a_number_in_wide_digits_is_the_same_number(room):
    same = openpyxl.load_workbook(io.BytesIO(workbook())).worksheets[0]
    rows = [row[0].row for row in same.iter_rows() if str(row[0].value) in ("1", "2")]
    answer = await ask(room, await wish(room, workbook(**{f"A{rows[1]}": "１"})))
    assert troubled(answer) == {rows[1]: ["number_repeated"]}


async def test_a_longer_file_adds_only_its_new_rows(room):
    shorter = openpyxl.load_workbook(SAMPLE)
    shorter.worksheets[0].delete_rows(31)
    content = io.BytesIO()
    shorter.save(content)
    await granted(room, await wish(room, content.getvalue()))
    counts = (await granted(room, await wish(room))).detail["counts"]
    assert (counts["new"], counts["recognised"]) == (1, 21)
    assert await tasks(room) == 22


async def test_one_bad_row_keeps_all_out_and_every_bad_row_has_its_reasons(room):
    broken = workbook(F8="省能原局", M5="尽快办理", G17="省直有关部门", I10="", N12="150%", L14="2026-02-30")
    before = len(await said(room))
    for answer in (await ask(room, await wish(room, broken)), await ask(room, await wish(room, broken, dry_run=True))):
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
    assert (await tasks(room), len(await said(room))) == (0, before)


async def test_a_refused_row_is_called_by_its_own_name_unless_that_may_be_classified(room):
    answer = await ask(room, await wish(room, workbook(F8="省能原局", M5="尽快办理", N5="机密"), dry_run=True))
    named = {row["row"]: (row["number"], row["title"]) for row in answer.detail["rows"] if row["problems"]}
    assert named[8] == ("4", "冬季取暖保供调度") and named[5] == ("", "")


async def test_a_refused_commit_names_the_rows(room):
    answer = await ask(room, await wish(room, workbook(F8="省能原局")))
    assert (answer.code, answer.pointer) == ("rows_refused", "/blob")
    assert "第 8 行" in answer.message


async def test_a_number_that_now_stands_for_another_task_is_refused(room):
    await granted(room, await wish(room))
    answer = await ask(room, await wish(room, workbook(B5="另一件完全不同的事项")))
    assert troubled(answer) == {5: ["number_taken"]}
    assert await tasks(room) == 22


async def test_a_number_taken_by_hand_is_refused_too(room):
    by_hand = RegisterTask(
        actor=SUPERVISOR,
        number="3",
        ledger="2026年省政府重点督办事项台账",
        title="手工登记的事项",
        board=Board.DAILY,
        lead_official="省长",
        target="办结1件",
        verification_form="报告",
        parts=[WantedPart(unit="省公安厅", role=Role.LEAD)],
    )
    await granted(room, by_hand)
    assert troubled(await ask(room, await wish(room))) == {7: ["number_taken"]}


async def test_a_target_nobody_can_count_is_a_warning_for_a_ledger_already_kept(room):
    answer = await granted(room, await wish(room, workbook(I5="切实加强领导，持续改善")))
    warned = [row for row in answer.detail["rows"] if row["warnings"]]
    assert [(row["row"], row["outcome"], row["warnings"][0]["code"]) for row in warned] == [
        (5, "new", "not_measurable")
    ]


@pytest.mark.parametrize(("content", "code"), [(b"", "rows_refused"), (b"PK\x03\x04 torn", "unreadable")])
async def test_a_file_that_is_no_ledger_is_refused_as_a_whole(room, content, code):
    answer = await ask(room, await wish(room, content))
    assert (answer.code, answer.pointer) == (code, "/blob")
    assert answer.message


async def test_a_file_that_was_never_uploaded_is_refused(room):
    answer = await ask(room, ImportLedger(actor=SUPERVISOR, blob="0" * 64, filename="台账.xlsx"))
    assert answer.code == "blob_missing"


async def test_a_unit_may_not_import(room):
    clerk = Actor(person="经办人", unit="14.00.00.000.gat", roles=(ActorRole.UNIT_HEAD,))
    assert (await ask(room, await wish(room, actor=clerk))).code == "forbidden"


async def test_a_csv_of_the_same_rows_is_the_same_ledger(room):
    sheet = openpyxl.load_workbook(SAMPLE).worksheets[0]
    text = io.StringIO()
    csv.writer(text).writerows([["" if cell is None else cell for cell in row] for row in sheet.values])
    await granted(room, await wish(room, text.getvalue().encode("gb18030"), filename="台账.csv"))
    assert (await granted(room, await wish(room, dry_run=True))).detail["counts"]["recognised"] == 22


async def test_who_waits_hears_how_far_the_import_has_come(room):
    command = await wish(room)
    heard = await room.nc.subscribe(f"duban.progress.{command.id}")
    await granted(room, command)
    message = await heard.next_msg(timeout=2)
    assert json.loads(message.data) == {"done": 22, "total": 22}


def test_an_answer_with_too_many_rows_shows_the_refused_ones_first():
    good = [RowResult(row, Outcome.NEW, title="封" * 300, units=("省公安厅",) * 20) for row in range(1, 2000)]
    bad = RowResult(2000, Outcome.REFUSED)
    found = importing.detail(Intake((*good, bad), ()))
    assert found["rows"][-1]["row"] == 2000
    assert found["left_out"] == 2000 - len(found["rows"]) > 0
    assert len(json.dumps(found, ensure_ascii=False).encode()) < 1_000_000
    assert found["counts"]["rows"] == 2000


async def at_the_prompt(room: Room, *words: str) -> tuple[int, str]:
    """`duban` with these words while the service's desks are open: exit code and what was printed."""
    if not room.broker.subscribers:
        app.subscribe(room)
        await room.broker.start()
    settings = room.settings
    given = {"PG_DSN": settings.pg_dsn, "NATS_URL": settings.nats_url, "VAR": str(settings.var)}
    environment = os.environ | {f"DUBAN_{name}": value for name, value in given.items()} | {"COLUMNS": "200"}
    program = [sys.executable, "-c", "from services.tasks.cli import app; app()", *words]
    process = await asyncio.create_subprocess_exec(
        *program, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode()


async def test_an_operator_imports_from_the_prompt_and_sees_each_row(room):
    code, shown = await at_the_prompt(room, "import", str(SAMPLE))
    assert code == 0, shown
    assert "共 22 行，新增 22，已登记 0，退回 0" in shown
    assert "省自然资源厅" in shown
    assert await tasks(room) == 22


async def test_a_broken_ledger_ends_the_command_with_one_and_the_reason(room, tmp_path):
    file = tmp_path / "坏台账.xlsx"
    file.write_bytes(workbook(F8="省能原局"))
    code, shown = await at_the_prompt(room, "import", "--dry-run", str(file))
    assert code == 1, shown
    assert "省能原局" in shown and "退回 1" in shown
    code, shown = await at_the_prompt(room, "import", "--json", str(file))
    assert code == 1
    assert json.loads(shown)["code"] == "rows_refused"
    assert await tasks(room) == 0


async def test_an_operator_finds_a_unit_by_its_short_name(room):
    code, shown = await at_the_prompt(room, "units", "find", "省发改委", "--limit", "1")
    assert (code, shown.split()[0]) == (0, "14.00.00.000.fgw")
