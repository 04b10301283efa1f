"""A new task by hand: nothing essential may be empty, and its target must be measurable. R8."""

from collections.abc import Sequence

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
from services.portal.web.forms import NOTHING_TYPED, Field, Form
from services.portal.web.i18n import N_
from services.portal.web.problems import errors_of

router = APIRouter()

FORM = Form(
    RegisterTask,
    (
        Field("title", N_("事项"), wide=True),
        Field("board", N_("板块"), table="board"),
        Field("weight", N_("类别"), hint=N_("一般事项7个工作日办结，重大复杂事项1个月"), table="weight"),
        Field("deadline_text", N_("办结时限"), hint=N_("如“2026年11月底前”“15个工作日”“持续推进”；不填按类别计")),
        Field("number", N_("编号"), placeholder=N_("不填自动编号")),
        Field("lead_official", N_("牵头领导"), placeholder=N_("职务和姓名")),
        Field(Role.LEAD, N_("牵头单位"), hint=N_("一个"), datalist="units", of="parts"),
        Field(Role.RESPONSIBLE, N_("责任单位"), placeholder=N_("多个单位用顿号分开"), wide=True),
        Field(Role.SUPPORTING, N_("参与单位"), placeholder=N_("可写“各市政府”"), wide=True),
        Field("target", N_("量化目标"), wide=True),
        Field("verification_form", N_("成果检验形式"), wide=True),
        Field("instruction", N_("交办要求"), wide=True),
        Field("source", N_("任务来源"), wide=True),
    ),
    beside={
        "parts": N_("承办单位"),
        "milestones": N_("时间节点"),
        "milestones/name": N_("名称"),
        "milestones/due": N_("日期"),
        "milestones/weight": N_("分值"),
    },
)
COLUMNS, ROWS = ("name", "due", "weight"), 4
SUGGESTED = ("province", "city"), ("government", "department")


@router.get("/tasks/new")
async def empty(request: Request, portal: Here, reader: Reads) -> Response:
    """The empty form."""
    needs(reader, *sorted(OVERSEEING))
    return await _form(request, portal)


@router.post("/tasks/new")
async def register(request: Request, portal: Here, reader: Writes) -> Response:
    """Onto the ledger, and to its page; or back to the form with everything that is wrong."""
    needs(reader, *sorted(OVERSEEING))
    form = await request.form()
    command = FORM.read(form, actor=reader.actor, parts=parts(form), milestones=plan(form))
    answer = await forms.send(portal, command)
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{answer.aggregate.partition('/')[2]}", "register", answer)
    return await _form(request, portal, form, answer)


def parts(form: FormData) -> list[dict[str, str]]:
    """The units a form names: one lead, and lists separated by 、 or a line."""
    named = []
    for role in Role:
        text = str(form.get(role, "")).replace("，", "、").replace(",", "、").replace("\n", "、")
        named += [{"unit": name.strip(), "role": role} for name in text.split("、") if name.strip()]
    return named


def plan(form: FormData) -> list[dict[str, str]]:
    """The milestones a form holds, each `name`, `due` and `weight` as it was typed; empty rows are passed over."""
    columns = ([str(each).strip() for each in form.getlist(f"milestone_{name}")] for name in COLUMNS)
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=False))
    return [row for row in rows if any(row.values())]


def at_the_role(refusal: Refused, named: Sequence[dict[str, str]]) -> Refused:
    """A refusal that names a unit by its place among the parts, by the field it was typed into."""

    def moved(pointer: str) -> str:
        first, _, rest = pointer.removeprefix("/").partition("/")
        if first != "parts":
            return pointer
        place = rest.partition("/")[0]
        return f"/{named[int(place)]['role'] if place.isdigit() and int(place) < len(named) else Role.LEAD}"

    errors = [{"pointer": moved(at), "message": message} for at, message in errors_of(refusal)]
    return refusal.model_copy(update={"detail": {"errors": errors}})


async def _form(
    request: Request, portal: Portal, typed: FormData = NOTHING_TYPED, refusal: Refused | None = None
) -> Response:
    refusal = at_the_role(refusal, parts(typed)) if refusal else None
    rows = plan(typed)
    context = {
        "form": FORM.bind(typed=typed, refusal=refusal),
        "refusal": refusal,
        "units": (await portal.reference()).units.below("", *SUGGESTED, most=200),
        "rows": [*rows, *[dict.fromkeys(COLUMNS, "")] * max(2, ROWS - len(rows))],
    }
    return templates.page(request, "registration.html", templates.status_of(refusal), **context)
