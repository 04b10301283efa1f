"""What goes wrong, said as RFC 9457 says it: with the field, the reason, and the trace to look for."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from contracts.refusals import Refused
from services.chassis.log import TRACE
from services.portal.web.validation import in_words
from services.portal.ledger.filters import CursorInvalid

STATUSES = {
    "not_found": 404, "forbidden": 403, "stale": 412, "id_reused": 422, "invalid": 422, "unavailable": 503,
    "failed": 503, "not_acknowledged": 409, "acknowledged": 409, "working": 409, "submitted": 409, "verified": 409,
    "closed": 409, "cancelled": 409, "suspended": 409, "not_suspended": 409, "same_person": 409,
    "parts_unfinished": 409, "lead_closed": 409,
}  # fmt: skip
"""How a named refusal reads over HTTP; any other is about the content: 422."""


class Fault(BaseModel):
    """One field that is wrong."""

    pointer: str = Field(description="Where, as an RFC 6901 pointer into the request.")
    detail: str


class Problem(BaseModel):
    """Why not."""

    type: str = Field(default="about:blank", description="`urn:duban:problem:<code>`; the code never changes.")
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    errors: list[Fault] = []
    trace_id: str = Field(default="", description="Quote it when asking for help.")


class Refusal(Exception):
    """A problem on its way out."""

    def __init__(self, status: int, code: str, title: str, errors: list[Fault] | None = None) -> None:
        self.status, self.code, self.title, self.errors = status, code, title, errors or []
        self.headers: Mapping[str, str] = {}


def granted(answer: Any) -> Any:
    """The answer, if it was granted. Raises Refusal."""
    if not isinstance(answer, Refused):
        return answer
    status = STATUSES.get(answer.code, 422)
    faults = [Fault(pointer=answer.pointer, detail=answer.message)] if answer.pointer else []
    told = answer.detail.get("errors")
    if isinstance(told, list | tuple) and told:
        faults = [Fault(pointer=each["pointer"], detail=each["message"]) for each in told]
    raise Refusal(status, answer.code, answer.message, faults)


def answer(request: Request, status: int, code: str, title: str, errors: list[Fault], headers: Any) -> JSONResponse:
    """The problem as it is sent."""
    parts = TRACE.get().split("-")
    problem = Problem(
        type=f"urn:duban:problem:{code}" if code else "about:blank", title=title, status=status,
        instance=request.url.path, errors=errors, trace_id=parts[1] if len(parts) > 1 else "",
    )  # fmt: skip
    body = problem.model_dump(exclude_defaults=True) | {"status": status}
    return JSONResponse(body, status, headers=dict(headers or {}), media_type="application/problem+json")


async def refused(request: Request, error: Exception) -> JSONResponse:
    """A Refusal."""
    assert isinstance(error, Refusal)
    return answer(request, error.status, error.code, error.title, error.errors, error.headers)


async def malformed(request: Request, error: Exception) -> JSONResponse:
    """A request that does not have the shape it should."""
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(pointer="/" + "/".join(map(str, each["loc"][1:])), detail=in_words(each)) for each in error.errors()
    ]
    where = {str(each["loc"][0]) for each in error.errors()}
    title = "请求内容不符合要求：请按 errors 逐项改正" + ("（请求头见文档）" if "header" in where else "")
    return answer(request, 422, "invalid", title, faults, None)


async def cursor_invalid(request: Request, error: Exception) -> JSONResponse:
    """A cursor of somebody else's making."""
    return answer(request, 400, "cursor", str(error), [Fault(pointer="/cursor", detail=str(error))], None)


async def http(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses; its headers stay."""
    assert isinstance(error, HTTPException)
    titles = {404: "没有这个地址", 405: "这个地址不支持该方法"}
    return answer(request, error.status_code, "", titles.get(error.status_code, str(error.detail)), [], error.headers)


async def broken(request: Request, error: Exception) -> JSONResponse:
    """A fault of ours; the log has it under the same trace."""
    return answer(request, 500, "internal", "系统内部错误：请凭 trace_id 联系管理员", [], None)


HANDLERS: dict[type[Exception], Any] = {
    Refusal: refused,
    RequestValidationError: malformed,
    CursorInvalid: cursor_invalid,
    HTTPException: http,
    Exception: broken,
}
