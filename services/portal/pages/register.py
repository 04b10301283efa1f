"""A new task by hand: nothing essential may be empty, and its target must be measurable. R8."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from contracts.commands import RegisterTask
from contracts.envelope import Command, Refused
from contracts.terms import Role
from services.portal import view
from services.portal.front import Front, Here, Reads, Writes, needs
from services.portal.pages.steps import done, read
from services.portal.pages.tasks import REGISTERS
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
    wish = read(RegisterTask, {**wanted, "actor": reader.actor, "parts": parts(given)})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        kept = {key: str(value) for key, value in given.items()}
        return await _form(request, front, kept, answer)
    return done(f"/tasks/{answer.aggregate.partition('/')[2]}", "register", answer)


def parts(given: FormData) -> list[dict[str, str]]:
    """The units a form names: one lead, and lists separated by 、 or a line."""
    found = []
    for role in Role:
        text = str(given.get(role, "")).replace("，", "、").replace(",", "、").replace("\n", "、")
        found += [{"unit": name.strip(), "role": role} for name in text.split("、") if name.strip()]
    return found


async def _form(request: Request, front: Front, kept: dict[str, Any], refusal: Refused | None = None) -> Response:
    shorts = await units.below(front.db, "", ("province", "city"), ("government", "department"), 200)
    return view.page(request, "register.html", 422 if refusal else 200, kept=kept, refusal=refusal, units=shorts)
