"""Forms: a command from what was filled in, what is wrong in an official's words, and the way back."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from contracts.envelope import Command, Done
from contracts.refusals import Kind, Refused
from services.portal.refusals import Code
from services.portal.web.dependencies import Portal
from services.portal.web.i18n import gettext as _
from services.portal.web.validation import in_words

FIELDS: dict[str, Callable[[], str]] = {
    "percent": lambda: _("累计完成：请填 0 到 100 之间的数字，最多两位小数"),
    "text": lambda: _("情况说明：请用 5 到 4000 个字写明做了什么、结果如何"),
    "evidence": lambda: _("佐证材料：报完成至少要附一份"),
    "reason": lambda: _("理由：请写明理由，至少两个字"),
    "grade": lambda: _("等次：请选择优秀、良好或合格"),
    "lead_official": lambda: _("牵头领导：请填写职务和姓名"),
    "target": lambda: _("量化目标：请写明可以检验的目标"),
    "verification_form": lambda: _("成果检验形式：请写明以什么检验"),
    "title": lambda: _("事项：请用 2 到 300 个字写明"),
    "milestones": lambda: _("时间节点：请写明名称（至少两个字）、日期和 1 到 100 的分值"),
    "parts": lambda: _("承办单位：请至少填写一个牵头单位"),
}


def read(command: type[Command], fields: Mapping[str, Any]) -> Command | Refused:
    """A command from a form's fields; or the first field that is wrong, in Chinese."""
    try:
        return command(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "/" + "/".join(map(str, first["loc"]))
        field = str(first["loc"][0]) if first["loc"] else ""
        own = FIELDS.get(field) if first["type"] != "value_error" else None
        message = own() if own else _("填写有误：%s") % in_words(first)
        return Refused(kind=Kind.INVALID, code=Code.INVALID, message=message, pointer=pointer)


async def send(portal: Portal, command: Command | Refused) -> Done | Refused:
    """The answer to what was filled in; what could not be read goes nowhere."""
    return await portal.send(command) if isinstance(command, Command) else command


def back(target: str, what: str, answer: Done) -> Response:
    """To the page that shows what was done; `late` where the ledger does not have it yet."""
    late = "&late=1" if answer.detail.get("settled") is False else ""
    return RedirectResponse(f"{target}?done={what}{late}", 303)
