"""A new task by hand: nothing essential may be empty, and its target must be measurable. R8."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from contracts.commands.task import RegisterTask
from contracts.envelope import Command
from contracts.refusals import Refused
from contracts.terms import Role
from services.portal import view
from services.portal.web.dependencies import Front, Here, Reads, Writes, needs
from services.portal.task.action_routes import done, read
from services.portal.ledger.page import REGISTERS
from services.portal.store import units

router = APIRouter()

FIELDS = (
    "id",
    "number",
    "title",
    "board",
    "weight",
    "source",
    "lead_official",
    "target",
    "verification_form",
    "instruction",
    "deadline_text",
)
COLUMNS, ROWS = ("name", "due", "weight"), 4


@router.get("/tasks/new")
async def form(request: Request, front: Here, reader: Reads) -> Response:
    """The empty form."""
    needs(reader, *REGISTERS)
    return await _form(request, front, {})


@router.post("/tasks/new")
async def register(request: Request, front: Here, reader: Writes) -> Response:
    """Onto the ledger, and to its page; or back to the form with what is missing."""
    needs(reader, *REGISTERS)
    given = await request.form()
    wanted = {key: value for key in FIELDS if isinstance(value := given.get(key), str) and value.strip()}
    lists = {"parts": parts(given), "milestones": [row for row in plan(given) if any(row.values())]}
    wish = read(RegisterTask, {**wanted, **lists, "actor": reader.actor})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        kept = {key: str(value) for key, value in given.items()}
        return await _form(request, front, kept, answer, plan(given))
    return done(f"/tasks/{answer.aggregate.partition('/')[2]}", "register", answer)


def parts(given: FormData) -> list[dict[str, str]]:
    """The units a form names: one lead, and lists separated by 、 or a line."""
    found = []
    for role in Role:
        text = str(given.get(role, "")).replace("，", "、").replace(",", "、").replace("\n", "、")
        found += [{"unit": name.strip(), "role": role} for name in text.split("、") if name.strip()]
    return found


def plan(given: FormData) -> list[dict[str, str]]:
    """The rows of milestones a form has, empty ones too; each `name`, `due` and `weight` as it was typed."""
    columns = ([str(each).strip() for each in given.getlist(f"milestone_{name}")] for name in COLUMNS)
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=False)]


async def _form(
    request: Request,
    front: Front,
    kept: dict[str, Any],
    refusal: Refused | None = None,
    rows: Sequence[dict[str, str]] = (),
) -> Response:
    shorts = await units.below(front.db, "", ("province", "city"), ("government", "department"), 200)
    filled = [row for row in rows if any(row.values())]
    rows = [*filled, *[dict.fromkeys(COLUMNS, "")] * max(2, ROWS - len(filled))]
    context = {"kept": kept, "refusal": refusal, "units": shorts, "rows": rows}
    return view.page(request, "register.html", 422 if refusal else 200, **context)
