"""The main job on real input, from an office's ledger workbook to the board, on the running stack."""

import asyncio
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import openpyxl
import pdfplumber
import pytest

from contracts.county import County
from contracts.events.assignment import AssignmentIssued
from contracts.workdays import ZONE
from tests.house.province import COUNTY, LEDGER, OFFICE, Province, eventually, expected, tasks

ZRZYT = "14.00.00.000.zrzyt"


@pytest.fixture(scope="module")
def supervisor(province):
    return province.caller(OFFICE, "supervisor")


@pytest.fixture(scope="module")
def imported(province, supervisor):
    """The ledger, as the command line took it."""
    answer = json.loads(province.duban("import", str(LEDGER), "--json"))
    eventually(lambda: len(tasks(supervisor)) == 22 and province.caught_up())
    return answer


def test_a_dry_run_says_what_would_become_of_each_row_and_loads_nothing(province, supervisor):
    answer = json.loads(province.duban("import", str(LEDGER), "--dry-run", "--json"))
    assert answer["detail"]["counts"]["new"] == 22 and tasks(supervisor) == {}


def test_every_row_and_every_unit_of_the_ledger_is_there_with_its_due_date(imported, supervisor):
    assert imported["detail"]["counts"]["new"] == 22
    existing = tasks(supervisor)
    for row in expected():
        task = supervisor.get(f"/v1/tasks/{existing[row['no']]['task_id']}").json()
        lead = next(part for part in task["assignments"] if part["role"] == "lead")
        due = lead["due"] and datetime.fromisoformat(lead["due"]).astimezone(ZONE)
        assert (lead["unit_name"], f"{due:%Y-%m-%d}" if due else "") == (row["lead_unit"], row["due"]), row
        assert row["clock"] in {clock["kind"] for clock in lead["clocks"]}
        assert Decimal(task["percent"] or 0) == Decimal(row["progress"] or 0)


def test_the_same_file_again_changes_nothing(imported, province):
    counts = json.loads(province.duban("import", str(LEDGER), "--json"))["detail"]["counts"]
    assert counts["new"] == 0 and counts["recognised"] == 22


def test_a_broken_copy_is_refused_row_by_row_and_nothing_is_half_loaded(imported, province, supervisor, tmp_path):
    book = openpyxl.load_workbook(LEDGER)
    sheet = book.active
    for cell, value in {"B5": None, "M6": "2026-02-30", "F7": "省不存在厅", "A8": "1", "N11": "=1+1"}.items():
        sheet[cell] = value
    sheet["B13"] = "一件全新的事项"
    book.save(tmp_path / "broken.xlsx")
    answer = json.loads(province.duban("import", str(tmp_path / "broken.xlsx"), "--json", fails=True))
    refused = {row["row"]: row["problems"] for row in answer["detail"]["rows"] if row["outcome"] == "refused"}
    assert {5, 6, 7, 8, 11} <= set(refused) and all(p["message"] for row in refused.values() for p in row)
    assert len(tasks(supervisor)) == 22


def test_a_county_hears_its_own_assignments_acts_and_is_answered(imported, province, supervisor):
    events = asyncio.run(county_walk(province))
    assert {event.address.rsplit(".", 2)[0] for event in events if not event.address.endswith(".all")} == {COUNTY}
    answers = [event for event in events if event.type == "command.answered"]
    assert len(answers) == 2 and all(event.answer.ok for event in answers)

    def visible() -> bool:  # the portal reads the bus by itself: the county is answered before or after it has read
        part = part_of(supervisor, "11", f"{COUNTY}.000.gov")
        return part["state"] == "working" and Decimal(part["percent"]) == 95

    assert eventually(visible)[0]


async def county_walk(province: Province) -> list:
    """Receive, acknowledge, report, and receive both answers."""
    events = []
    async with County(province.bundle(), unit=f"{COUNTY}.000.gov") as county:
        async with asyncio.timeout(120):
            async for event in county.events():
                events.append(event)
                if isinstance(event, AssignmentIssued) and event.assignment.number == "11":
                    part = event.assignment.assignment_id
                    await county.acknowledge(part, person="zhang", responsible_person="张某")
                    await county.report(part, "zhang", "95", "子项已完成十二项，正在组织验收")
                if sum(each.type == "command.answered" for each in events) == 2:
                    return events
    return events


def task_of(caller, number: str) -> dict:
    """A task with its parts."""
    return caller.get(f"/v1/tasks/{tasks(caller)[number]['task_id']}").json()


def part_of(caller, number: str, unit: str) -> dict:
    """One unit's part of a task."""
    return next(part for part in task_of(caller, number)["assignments"] if part["unit"] == unit)


def test_a_report_turns_the_light_within_five_seconds(imported, province, supervisor):
    unit = "14.05.81.000.gov"
    county = province.caller(unit, "unit_clerk")
    before, _ = eventually(lambda: lit(part_of(supervisor, "5", unit)))
    named = {"responsible_person": "张某"}
    county.post(f"/v1/assignments/{before['assignment_id']}/acknowledge", json=named).raise_for_status()
    reports = f"/v1/assignments/{before['assignment_id']}/reports"
    county.post(reports, json={"kind": "deployment", "text": "已召开会议研究部署"}).raise_for_status()
    for percent, light in (("1", "lagging"), ("95", "normal")):
        county.post(reports, json={"percent": percent, "text": "水井封闭正在复核"}).raise_for_status()
        turned, seconds = eventually(lambda light=light: part_of(supervisor, "5", unit)["light"] == light, 5)
        assert turned
        print(f"from the report to the light: {seconds:.1f} s")


def lit(part: dict) -> dict:
    return part if part["light"] != "none" else {}


@pytest.fixture(scope="module")
def soon(imported, province, supervisor) -> tuple[str, datetime]:
    """A matter that is due in some seconds: its number, and when."""
    task = {
        "title": "放管服改革：不动产登记半日办结", "board": "reform", "lead_official": "分管副省长",
        "target": "半日办结", "verification_form": "抽查记录", "parts": [{"unit": ZRZYT, "role": "lead"}],
    }  # fmt: skip
    due = datetime.now(UTC) + timedelta(seconds=5)
    with close_of_business(province, due):
        answer = supervisor.post("/v1/tasks", json=task | {"deadline_text": f"{due.astimezone(ZONE):%Y-%m-%d}"})
        answer.raise_for_status()
    return answer.json()["detail"]["number"], due


def test_a_due_instant_turns_the_light_and_drafts_an_urging_that_one_click_numbers(soon, supervisor):
    number, due = soon
    eventually(lambda: number in tasks(supervisor))
    part = part_of(supervisor, number, ZRZYT)
    eventually(lambda: part_of(supervisor, number, ZRZYT)["light"] == "overdue")
    seconds = (datetime.now(UTC) - due).total_seconds()
    print(f"from the due instant to the light: {seconds:.1f} s")
    wanted = {"kind": "urging", "state": "draft", "limit": 200}
    draft, _ = eventually(lambda: next((n for n in drafts(supervisor, wanted) if "放管服" in n["title"]), None))
    signed = supervisor.post(f"/v1/notices/{draft['notice_id']}/sign").json()
    assert re.search(r"〔20\d\d〕\d+号", json.dumps(signed, ensure_ascii=False))
    check_pdf(supervisor, draft["notice_id"], part["assignment_id"])


def drafts(caller, wanted: dict) -> list[dict]:
    return caller.get("/v1/notices", params=wanted).json()["items"]


@contextmanager
def close_of_business(province: Province, moment: datetime) -> Iterator[None]:
    """Meanwhile every day ends at this time of day: nobody waits for 18:00 to see a clock run out."""
    policy = {"version": 99, "eod": f"{moment.astimezone(ZONE):%H:%M:%S.%f}", "effective": "2026-01-01"}
    asyncio.run(
        execute(province, "insert into tasks.policy values ('clock', 99, now(), 'test', $1)", json.dumps(policy))
    )
    try:
        yield
    finally:
        asyncio.run(execute(province, "delete from tasks.policy where version = 99"))


async def execute(province: Province, statement: str, *values: object) -> None:
    """On tasks' tables; what its processes remember of them is out of date then."""
    db = await asyncpg.connect(province.stack.env["DUBAN_PG_DSN"])
    await db.execute(statement, *values)
    await db.execute("update tasks.edition set stamp = gen_random_uuid()")
    await db.close()


def check_pdf(supervisor, urging: str, assignment: str) -> None:
    """The urging's PDF, then the red-head notice by one more click; a reprint is the same bytes."""
    first, _ = eventually(lambda: pdf(supervisor, urging))
    assert pdf(supervisor, urging) == first
    body = {"kind": "supervision", "assignments": [assignment], "sign": True}
    answer = supervisor.post("/v1/notices", json=body)
    answer.raise_for_status()
    raised = answer.json()["aggregate"].removeprefix("notice/")
    red, seconds = eventually(lambda: pdf(supervisor, raised), 5)
    print(f"from the click to the red-head PDF: {seconds:.1f} s")
    text = "".join(page.extract_text() for page in pdfplumber.open(io.BytesIO(red)).pages)
    assert "督办通知" in text.replace("\n", "") and re.search(r"〔20\d\d〕\d+号", text)


def pdf(caller, notice: str) -> bytes:
    answer = caller.get(f"/v1/notices/{notice}.pdf")
    return answer.content if answer.status_code == 200 else b""


def test_everything_is_found_by_search_and_only_by_those_who_may(imported, province, supervisor):
    assert eventually(lambda: sum(hit["kind"] == "task" for hit in hits(supervisor, "郑太高铁")) == 4)[0]
    stranger = province.caller("14.02.12.000.gov", "unit_clerk")
    assert hits(stranger, "郑太高铁") == []


def hits(caller, text: str) -> list[dict]:
    return caller.get("/v1/search", params={"q": text, "limit": 50}).json()["hits"]


def test_the_running_month_ranks_the_units(imported, province, supervisor):
    unit = "14.00.00.000.slt"
    body = {
        "title": "水库除险加固三座", "board": "project", "lead_official": "分管副省长", "target": "完成3座",
        "verification_form": "验收单", "deadline_text": "30个工作日", "parts": [{"unit": unit, "role": "lead"}],
    }  # fmt: skip
    supervisor.post("/v1/tasks", json=body).raise_for_status()
    task, _ = eventually(lambda: next((t for t in tasks(supervisor).values() if t["title"] == body["title"]), None))
    part = part_of(supervisor, task["number"], unit)
    bureau = province.caller(unit, "unit_clerk")
    bureau.post(f"/v1/assignments/{part['assignment_id']}/acknowledge", json={}).raise_for_status()
    first = (1, Decimal(100))
    assert eventually(lambda: ranked(supervisor, unit) == first)[0]


def ranked(caller, unit: str) -> tuple[int, Decimal] | None:
    """A unit's rank and score in the running month's ranking."""
    rankings = caller.get(f"/v1/rankings/{datetime.now(ZONE):%Y-%m}").json().get("rankings", [])
    rows = [row for ranking in rankings for row in ranking["rows"] if row["unit"] == unit]
    return (rows[0]["rank"], Decimal(rows[0]["score"] or 0)) if rows else None


def test_a_suspended_task_keeps_its_light_and_a_cancelled_one_loses_it(soon, supervisor):
    number, unit = soon[0], ZRZYT
    red = part_of(supervisor, number, unit)
    task = task_of(supervisor, number)["task_id"]
    for act, paused in (("suspend", True), ("resume", False)):
        supervisor.post(f"/v1/tasks/{task}/{act}", json={"reason": "汛期停工"}).raise_for_status()
        assert eventually(lambda paused=paused: bool(task_of(supervisor, number)["paused_at"]) is paused)[0]
        assert part_of(supervisor, number, unit)["light"] == red["light"] == "overdue"
    supervisor.post(f"/v1/tasks/{task}/cancel", json={"reason": "任务合并到他项"}).raise_for_status()
    dark, _ = eventually(lambda: task_of(supervisor, number)["light"] == "none")
    assert dark and task_of(supervisor, number)["state"] == "cancelled"

    def reasons() -> set[tuple[str, ...]]:
        return {tuple(part["reasons"][:1]) for part in task_of(supervisor, number)["assignments"]}

    assert eventually(lambda: reasons() == {("cancelled",)})[0]


def test_another_county_sees_nothing_of_it(imported, province):
    stranger = province.caller("14.02.12.000.gov", "unit_clerk")
    seen = tasks(stranger)
    assert set(seen) == {"11"}, "only the task that names every county"
    events = stranger.get("/v1/events", params={"limit": 200}).json()["events"]
    assert not [event for event in events if "14.10.02" in json.dumps(event["data"].get("assignment", {}))]


def test_everything_is_healthy_and_nothing_is_parked(imported, province):
    for service in ("tasks", "alerts", "notices", "ranking", "search", "portal"):
        health = province.health(service)
        assert health["ok"] and health["dead_letters"] == 0, health
    assert "0 条" in province.duban("dead", "list", "tasks")
    assert "完整" in province.duban("audit", "verify")


def test_the_bus_refused_nobody_anything(imported, province):
    """Every service did its part of the main job with the rights of its own user."""
    assert "Violation" not in (province.stack.var / "log" / "nats.log").read_text()
