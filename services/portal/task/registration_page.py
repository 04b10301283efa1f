"""A new task by hand: nothing essential may be empty, and its target must be measurable. R8."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from contracts.commands.task import RegisterTask
from contracts.envelope import Done
from contracts.offices import OVERSEEING
from contracts.refusals import Refused
from contracts.terms import Role
from services.portal.web import forms, templates
from services.portal.web.dependencies import Here, Portal, Reads, Writes, needs

router = APIRouter()

LISTS = ("parts", "milestones")
FIELDS = [name for name in ("id", *RegisterTask.model_fields) if name not in ("actor", "expected_version", *LISTS)]
COLUMNS, ROWS = ("name", "due", "weight"), 4
SUGGESTED = ("province", "city"), ("government", "department")


@router.get("/tasks/new")
async def empty(request: Request, portal: Here, reader: Reads) -> Response:
    """The empty form."""
    needs(reader, *sorted(OVERSEEING))
    return await _form(request, portal, {})


@router.post("/tasks/new")
async def register(request: Request, portal: Here, reader: Writes) -> Response:
    """Onto the ledger, and to its page; or back to the form with what is missing."""
    needs(reader, *sorted(OVERSEEING))
    form = await request.form()
    texts = {key: value for key in FIELDS if isinstance(value := form.get(key), str) and value.strip()}
    lists = {"parts": parts(form), "milestones": [row for row in plan(form) if any(row.values())]}
    answer = await forms.send(portal, forms.read(RegisterTask, {**texts, **lists, "actor": reader.actor}))
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{answer.aggregate.partition('/')[2]}", "register", answer)
    return await _form(request, portal, {key: str(value) for key, value in form.items()}, answer, plan(form))


def parts(form: Mapping[str, Any]) -> list[dict[str, str]]:
    """The units a form names: one lead, and lists separated by 、 or a line."""
    named = []
    for role in Role:
        text = str(form.get(role, "")).replace("，", "、").replace(",", "、").replace("\n", "、")
        named += [{"unit": name.strip(), "role": role} for name in text.split("、") if name.strip()]
    return named


def plan(form: FormData) -> list[dict[str, str]]:
    """The rows of milestones a form has, empty ones too; each `name`, `due` and `weight` as it was typed."""
    columns = ([str(each).strip() for each in form.getlist(f"milestone_{name}")] for name in COLUMNS)
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=False)]


async def _form(
    request: Request,
    portal: Portal,
    typed: dict[str, Any],
    refusal: Refused | None = None,
    rows: Sequence[dict[str, str]] = (),
) -> Response:
    filled = [row for row in rows if any(row.values())]
    context = {
        "typed": typed,
        "refusal": refusal,
        "units": (await portal.reference()).units.below("", *SUGGESTED, most=200),
        "rows": [*filled, *[dict.fromkeys(COLUMNS, "")] * max(2, ROWS - len(filled))],
    }
    return templates.page(request, "registration.html", templates.status_of(refusal), **context)
