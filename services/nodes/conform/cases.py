"""What comes in a system's everyday life, and what may come in it some day: the cases in which nothing breaks."""

import json
from uuid import uuid4

from contracts.events.assignment import AssignmentIssued
from services.nodes.conform import events
from services.nodes.conform.province import REPEATS
from services.nodes.conform.run import Case, Run

GARBAGE = (b"{not json", b"\xff\xfe\x00\x01", b"", b"[]", b'{"type":"assignment.issued","assignment":null}')
MORE = {"added_later": {"codes": [1, 2]}, "added_too": "新增的字段"}


async def everyday(run: Run) -> None:
    issued = await run.province.issue(3)
    await run.province.emit(events.unit(1))
    await run.province.change_due(issued[0])
    issued += await run.province.issue(3)
    await run.conclude(issued)


async def duplicate(run: Run) -> None:
    """Right behind the first one, and again when everything is decided."""
    await run.sandbox.allow_repeats()
    issued = await run.province.issue(3)
    await run.province.repeat(issued)
    await run.conclude(issued)
    await run.province.repeat(issued)
    issued += await run.province.issue(1)
    await run.conclude(issued)
    await run.sandbox.restore()


async def reordering(run: Run) -> None:
    """The youngest task comes first, each assignment's own events stay in order."""
    drafts = run.province.draft(6)
    for event in reversed(drafts[3:]):
        await run.province.emit(event)
    for event in drafts[:3]:
        await run.province.change_due(drafts[3])
        await run.province.emit(event)
    for event in drafts:
        await run.province.change_due(event)
    await run.conclude(drafts)


async def unknown_fields(run: Run) -> None:
    """At the top, inside the assignment, inside one of its clocks."""
    drafts = run.province.draft(2)
    for event in drafts:
        body = event.model_dump(mode="json") | MORE
        body["assignment"] |= MORE
        body["assignment"]["clocks"][0] |= MORE
        await run.province.publish(event.subject(), json.dumps(body).encode(), event.headers())
    await run.conclude(drafts + await run.province.issue(1))


async def unknown_type(run: Run) -> None:
    """A new member of a family that is known, about an assignment that is not; and a family that is not."""
    (before,) = await run.province.issue()
    for kind in ("assignment.handed_over", "weather.warned"):
        body = before.model_dump(mode="json") | {"version": 1, "aggregate": "weather/2026-07", "added_later": True}
        body["assignment"] |= {"assignment_id": str(uuid4())}
        await run.province.publish(
            events.subject_of(kind), json.dumps(body).encode(), events.headers_of(kind, "weather/2026-07")
        )
    await run.conclude([before, *await run.province.issue()])


async def unreadable(run: Run) -> None:
    for body in GARBAGE:
        headers = events.headers_of(AssignmentIssued.type, "assignment/0")
        await run.province.publish(events.subject_of(AssignmentIssued.type), body, headers)
    await run.conclude(await run.province.issue(2))


async def refused(run: Run) -> None:
    """The first one is refused whenever it comes; how often it came is judged again after every later case."""
    (first,) = run.province.draft(1)
    id = first.assignment.assignment_id
    run.province.refusing.add(id)
    await run.province.emit(first)

    async def sent() -> bool:
        return run.province.sent[id] > 0

    if not await run.until(sent):
        run.problem("要被拒绝的那一件没有签收")
    await run.conclude(await run.province.issue(3))
    run.note(f"被拒绝的指令来了 {run.province.sent[id]} 次（至多 {REPEATS} 次）")


CASES = (
    Case(
        "everyday",
        "日常收办",
        "每件新任务签收一次，别的事件只确认，不答复",
        "先看这一种：资料读了没有，读取位置绑定了没有，事件确认了没有",
        everyday,
    ),
    Case(
        "duplicate",
        "事件重复",
        "同一事件再来，不作第二次签收",
        "记下签收过的任务；或者由任务编号推出指令编号",
        duplicate,
    ),
    Case(
        "reordering",
        "任务之间乱序",
        "只有同一任务的事件有次序，不按时间或编号丢弃",
        "不要按 time 或编号丢弃；在同一 aggregate 之内比较 version",
        reordering,
    ),
    Case(
        "unknown-fields",
        "多出的字段",
        "不认识的字段略过，任务照办",
        "让 JSON 解析忽略未知字段",
        unknown_fields,
    ),
    Case(
        "unknown-type",
        "没见过的类型",
        "不认识的事件确认后略过",
        "按主题或 ce-type 选取，不要用“否则”兜底",
        unknown_type,
    ),
    Case(
        "unreadable",
        "读不懂的事件",
        "读不懂的事件确认后略过，不卡住，不退出",
        "单个事件的错误就地捕获，写入日志，确认",
        unreadable,
    ),
    Case(
        "refused",
        "指令被拒绝",
        "拒绝后不无休止重发，别的任务照办",
        "把说明交给人处理；拒绝是最终答复，至多试 3 次",
        refused,
    ),
)
