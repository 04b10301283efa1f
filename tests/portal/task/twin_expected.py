"""What should be visible of a life, put together from the published states alone: texts without blanks, and figures."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.assignment import Assignment, Clock
from contracts.light import planned
from contracts.terms import AssignmentState, Light, Role
from contracts.workdays import ZONE, day_of
from services.portal.web.labels import label
from tests.portal.task.twin_lives import OFFICE, Life
from tests.story.province import calendar

STANDING = (
    "assignment_id", "task_id", "unit", "unit_name", "role", "state", "percent", "clocks", "paused_at", "due",
)  # fmt: skip
"""What other units of the task may know of an assignment."""
DARK: dict[str, Any] = {"light": "none", "reasons": [], "light_since": None}


def states(one: Life, unit: str, now: datetime) -> tuple[Any, ...]:
    """Task and assignments as the office or a unit should read them."""
    task = one.matter.task.model_dump(mode="json", exclude={"assignments"}) | light_of(one, one.matter.task.task_id)
    parts = {}
    for part in one.matter.assignments:
        body, light = part.model_dump(mode="json"), light_of(one, part.assignment_id)
        if whole(one, part, unit):
            progress = planned(part, now, calendar())
            body |= light | {"planned": None if progress is None else str(progress)}
        else:
            body = {name: body[name] for name in STANDING} | {"light": light["light"]}
        parts[str(part.assignment_id)] = body
    return task, parts


def light_of(one: Life, id: Any) -> dict[str, Any]:
    light = one.lights.get(id)
    if light is None:
        return DARK
    body = light.model_dump(mode="json")
    return {"light": body["light"], "reasons": body["reasons"], "light_since": body["since"]}


def takes_part(one: Life, unit: str) -> bool:
    return any(part.unit == unit for part in one.matter.assignments)


def whole(one: Life, part: Assignment, unit: str) -> bool:
    """The office and the lead read all of it, another unit its own."""
    return unit in (OFFICE, part.unit, one.matter.task.lead)


def facts(one: Life) -> str:
    task = one.matter.task
    return "".join(
        (
            lamp(one, task.task_id),
            label("task_state", task.state),
            "已暂停办理" if task.paused_at else "",
            task.number,
            label("board", task.board),
            label("weight", task.weight),
            f"立项{day(task.t0)}",
            f"办结时限{day(task.deadline.due)}" if task.deadline.due else "长期跟踪",
            "" if task.percent is None else f"完成{decimals(task.percent)}%",
        )
    )


def lamp(one: Life, id: Any) -> str:
    light = one.lights.get(id)
    return label("light", light.light) if light and light.light is not Light.NONE else ""


def day(moment: datetime | None) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d}" if moment else ""


def decimals(number: Any) -> str:
    text = f"{float(number or 0):.2f}"
    return text.rstrip("0").rstrip(".")


def row(one: Life, part: Assignment, unit: str, now: datetime) -> str:
    """What the table of units says of one of them."""
    everything, light = whole(one, part, unit), one.lights.get(part.assignment_id)
    progress = planned(part, now, calendar()) if everything else None
    lamps = lamp(one, part.assignment_id)
    reasons = light.reasons if light and lamps and everything else ()
    return "".join(
        (
            part.unit_name,
            label("role", part.role),
            f"·时限{day(part.due)}" if part.due else "",
            f"·原时限{day(part.original_due)}" if everything and part.due_changes else "",
            (everything and part.responsible_person) or "—",
            "" if progress is None else f"{decimals(progress)}%/",
            f"{decimals(part.percent)}%",
            label("assignment_state", part.state),
            "暂停中" if part.paused_at and part.state is not AssignmentState.CANCELLED else "",
            label("grade", part.grade) if everything and part.grade else "",
            lamps or "—",
            *(label("reason", reason) for reason in reasons),
        )
    )


def clocks(part: Assignment, now: datetime) -> list[str]:
    """Each clock with a due date as it stands, then zero; of those that are not over the first runs."""
    at, steps, runs = min(now, part.paused_at or now), [], True
    for clock in (clock for clock in part.clocks if clock.due):
        due = f"截止{clock.due.astimezone(ZONE):%Y-%m-%d%H:%M}" + ("（暂定）" if clock.provisional else "")
        left = abs(calendar().workdays_between(day_of(at), day_of(clock.due)))
        if clock.met_at:
            state = ("超时完成" if clock.met_at > clock.due else "按时完成") + minute(clock.met_at)
        elif at > clock.due:
            state = f"逾期{left}个工作日" if left else "今天逾期"
        else:
            state, runs = pending(part, runs, f"剩{left}个工作日" if left else "", "今天到期"), False
        steps.append(label("clock_mark", clock.kind) + "".join(label("clock", clock.kind).split()) + due + state)
    closed = part.state is AssignmentState.CLOSED and part.closed_at
    zero = f"已销号{minute(closed)}" if closed else pending(part, runs, "", "")
    return [*steps, f"0跟踪到底·销号清零不销号不放过{zero}"]


def pending(part: Assignment, runs: bool, left: str, today: str) -> str:
    """A clock that is not over; without `today` it is zero, which has no day."""
    if part.state is AssignmentState.CANCELLED:
        return "已撤销"
    if not runs:
        return "未开始"
    if part.paused_at:
        return f"已暂停，{left}" if left else "已暂停"
    return f"进行中，{left or today}" if today else "跟踪中"


def minute(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%m-%d%H:%M}"


def listed(one: Life, of: Any, unit: str, role: str) -> str:
    """A task or an assignment as a row of the ledger."""
    id = getattr(of, "assignment_id", of.task_id)
    due = of.due if isinstance(of, Assignment) else of.deadline.due
    state = label("assignment_state" if isinstance(of, Assignment) else "task_state", of.state)
    several = "" if isinstance(of, Assignment) or of.assignments == 1 else f"·{of.assignments}家单位"
    paused = "暂停中" if of.paused_at else ""
    where = f"{lamp(one, id) or '—'}{of.title}{of.number}{several}{label('board', of.board)}{unit}{role}"
    return f"{where}{decimals(of.percent)}%{state}{paused}{day(due) or '长期跟踪'}"


def counted(lives: Sequence[Life], link: str, now: datetime) -> int:
    """How many tasks or assignments a link of the wall means."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    of_parts = "rows" in asked or "clock" in asked
    rows = [(one, of) for one in lives for of in (one.matter.assignments if of_parts else (one.matter.task,))]
    return sum(counts(one, of, asked, now) for one, of in rows)


def counts(one: Life, of: Any, asked: dict[str, str], now: datetime) -> bool:
    """What is cancelled or suspended is in no figure; a light counts all that show it."""
    part = isinstance(of, Assignment)
    due = of.due if part else of.deadline.due
    required, closed = due is not None and due <= now, of.state == "closed"
    figure, light = asked.get("figure"), one.lights.get(of.assignment_id if part else of.task_id)
    if (figure or "clock" in asked) and (of.state == "cancelled" or of.paused_at):
        return False
    holds = {
        None: True, "total": True, "open": not closed, "closed": closed, "required": required,
        "done": required and closed, "behind": required and not closed,
    }[figure]  # fmt: skip
    return (
        holds
        and asked.get("board", of.board) == of.board
        and asked.get("light", light and light.light) == (light and light.light)
        and (asked.get("role") is None or of.role is not Role.SUPPORTING)
        and ("unit" not in asked or of.unit.startswith(asked["unit"]))
        and ("clock" not in asked or any(judged(clock, asked["clock"], now) for clock in of.clocks))
    )


def judged(clock: Clock, asked: str, now: datetime) -> bool:
    """A clock of the last thirty days, or later, that stopped or is over; of these, the ones that stopped in time."""
    kind, _, what = asked.partition(".")
    if clock.kind != kind or clock.due is None or clock.due <= now - timedelta(days=30):
        return False
    met = clock.met_at is not None and clock.met_at <= clock.due
    return met if what == "met" else clock.met_at is not None or clock.due <= now
