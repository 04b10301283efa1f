"""One click, and all that follows from it in four processes, as one tree out of what they logged."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.workdays import ZONE
from deploy.local import trace
from deploy.local.trace import Node
from tests.house.province import OFFICE, Province, eventually, tasks
from tests.house.test_main_job import close_of_business, part_of

UNIT, TITLE = "14.00.00.000.slt", "踪迹：水库除险加固三座"
TASK = {
    "title": TITLE, "board": "project", "lead_official": "分管副省长", "target": "完成3座",
    "verification_form": "验收单", "parts": [{"unit": UNIT, "role": "lead"}],
}  # fmt: skip
OURS = ("tasks", "alerts", "notices", "ranking", "search", "portal", "keeper")
CLICK = "POST /v1/assignments/{assignment_id}/rework"
PDF = b"%PDF-1.7\n%%EOF\n"
TOKEN = "a-token-that-stands-in-a-query"


@pytest.fixture(scope="module")
def supervisor(province: Province) -> Any:
    return province.caller(OFFICE, "supervisor")


@pytest.fixture(scope="module")
def clicked(province: Province, supervisor: Any) -> str:
    """Work is sent back after its date: the light turns, an urging is drafted, then signed and rendered."""
    part = submitted(province, supervisor)
    act(supervisor, f"/v1/assignments/{part}/rework", reason="缺少验收单")
    draft = eventually(lambda: drafted(supervisor))[0]
    act(supervisor, f"/v1/notices/{draft['notice_id']}/sign")
    eventually(lambda: supervisor.get(f"/v1/notices/{draft['notice_id']}.pdf").status_code == 200)
    [answered] = [line for line in lines(province, "portal") if line.get("work", "") == CLICK]
    return answered["trace_id"]


def submitted(province: Province, supervisor: Any) -> str:
    """The assignment of a new task, submitted in time, whose due date has passed by now."""
    clerk, head = province.caller(UNIT, "unit_clerk"), province.caller(UNIT, "unit_head")
    due = datetime.now(UTC) + timedelta(seconds=15)
    with close_of_business(province, due):
        act(supervisor, "/v1/tasks", **TASK, deadline_text=f"{due.astimezone(ZONE):%Y-%m-%d}")
    task = eventually(lambda: next((t for t in tasks(supervisor).values() if t["title"] == TITLE), None))[0]
    part = part_of(supervisor, task["number"], UNIT)["assignment_id"]
    clerk.get("/v1/tasks", params={"q": TOKEN})
    at = f"/v1/assignments/{part}"
    act(clerk, f"{at}/acknowledge", responsible_person="张某")
    act(clerk, f"{at}/reports", kind="deployment", text="已召开会议研究部署")
    act(clerk, f"{at}/reports", percent="100", text="三座水库全部加固完成")
    proof = clerk.post("/v1/evidence", params={"name": "验收单.pdf"}, content=PDF).json()
    act(head, f"{at}/complete", text="已全部完成", evidence=[proof["sha256"]])
    assert datetime.now(UTC) < due, "too slow: it was submitted late"
    eventually(lambda: datetime.now(UTC) > due)
    return part


def act(caller: Any, address: str, **body: Any) -> None:
    """What somebody does, and is let do."""
    answer = caller.post(address, json=body)
    assert answer.is_success, answer.text


def drafted(supervisor: Any) -> dict[str, Any] | None:
    """The urging that waits for a signature."""
    wanted = {"kind": "urging", "state": "draft", "limit": 200}
    return next((n for n in supervisor.get("/v1/notices", params=wanted).json()["items"] if TITLE in n["title"]), None)


def lines(province: Province, service: str) -> list[dict[str, Any]]:
    """All that a process logged; a line that is no JSON fails."""
    text = (province.stack.var / "log" / f"{service}.log").read_text()
    return [json.loads(line) for line in text.splitlines()]


def steps(node: Node, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways from a span down to all that follows, by service and what was done."""
    line = node.lines[0]
    here = (*before, f"{line['service']} {line.get('work') or line.get('command')}")
    yield here
    for each in node.below:
        yield from steps(each, here)


def test_one_click_is_one_tree_down_to_the_document_and_its_delivery(province, clicked):
    nodes = eventually(lambda: complete(province, clicked))[0]
    ways = set(steps(nodes[0]))
    light = (f"portal {CLICK}", "tasks tasks.rework", "alerts alerts.on_task_or_assignment")
    draft = (*light, "notices notices.escalate")
    signed = (*draft, "portal POST /v1/notices/{notice_id}/sign", "notices notices.sign")
    assert {light, draft, signed, (*signed, "notices notices.render")} <= ways, ways
    assert len(nodes) == 1, "nothing of it stands apart"


def complete(province: Province, trace_id: str) -> list[Node]:
    """The tree once its last line is written."""
    nodes = trace.tree(trace.lines_of(province.stack.var / "log", trace_id))
    return nodes if any("notices.render" in way[-1] for node in nodes for way in steps(node)) else []


def test_the_command_prints_the_tree_and_names_the_document(province, clicked):
    eventually(lambda: complete(province, clicked))
    printed = province.duban("trace", clicked)
    print(printed)
    assert re.search(r"rendered notices.render  .* number=\S+〔20\d\d〕\d+号", printed)
    assert "没有这条踪迹" in province.duban("trace", "0" * 31 + "1", fails=True)


def test_an_event_carries_the_span_that_wrote_it(province, clicked):
    count = "select count(distinct trace) from {}.outbox where substr(trace, 4, 32) = $1"
    assert [province.sql(count.format(name), clicked) for name in ("tasks", "alerts", "notices")] == [1, 1, 1]
    pairs = {(line["span_id"], line.get("parent_id")) for name in OURS for line in traced(province, name, clicked)}
    assert len({span for span, _ in pairs}) == len(pairs), "a span has one cause"


def traced(province: Province, service: str, trace_id: str) -> list[dict[str, Any]]:
    return [line for line in lines(province, service) if line.get("trace_id") == trace_id]


def test_every_line_of_every_process_is_json_and_names_its_service(province, clicked):
    for service in OURS:
        every = lines(province, service)
        assert every and {line["service"] for line in every} == {service}
        assert all({"event", "level", "timestamp"} <= line.keys() for line in every)


def test_no_line_holds_a_query_or_a_persons_name(province, clicked):
    text = "".join((province.stack.var / "log" / f"{name}.log").read_text() for name in OURS)
    assert TOKEN not in text and not re.search("某人|张某", text) and f"{OFFICE}-supervisor" not in text
