"""What goes wrong, as RFC 9457 has it: with the field, the reason, and the trace to look for."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from contracts.refusals import Kind, Refused, refuse
from services.chassis import tracing
from services.chassis.trouble import LOST_IN_POOL
from services.portal.refusals import Code
from services.portal.web import awaited
from services.portal.web.cursors import CursorInvalid
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _
from services.portal.web.operations import allow
from services.portal.web.validation import in_words

STATUSES = {
    Kind.INVALID: 422,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.UNAVAILABLE: 503,
    Kind.FAILED: 500,
}
"""How a refusal reads over HTTP, on pages and in the API; the code changes nothing of it."""
HEADERS = {"/expected_version": "/if-match", "/id": "/idempotency-key"}
"""Fields of a command that come as headers here."""
RETRY_AFTER = {"Retry-After": "5"}
BEHIND = N_("刚刚办理，本平台的台账还没有反映；请过几秒再试。")

A = TypeVar("A")


class Fault(BaseModel):
    """One field that is wrong."""

    pointer: str = Field(description="Where, as an RFC 6901 pointer into the request.")
    detail: str = Field(description="What is wrong there, in Chinese.")


class Problem(BaseModel):
    """Why not."""

    type: str = Field(
        description="`urn:duban:problem:<code>`, listed in docs/problems.md; a code never changes its meaning."
    )
    kind: Kind = Field(description="What sort of problem; a program that does not know the type goes by it.")
    title: str = Field(description="What is wrong and what to do, in Chinese; for people.")
    status: int = Field(description="The HTTP status.")
    instance: str = Field(default="", description="The address that was asked.")
    version: int | None = Field(default=None, description="The version of the resource as it is now, where known.")
    errors: list[Fault] = Field(default=[], description="Every place that is wrong.")
    trace_id: str = Field(default="", description="Quote it when asking for help.")


class Refusal(Exception):
    """A refusal on its way out. status: where HTTP has a word of its own, such as 401."""

    def __init__(self, refused: Refused, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        self.refused = refused
        self.status = status or STATUSES[refused.kind]
        self.headers = dict(headers or (RETRY_AFTER if refused.kind is Kind.UNAVAILABLE else {}))


def done(answer: A | Refused) -> A:
    """The answer, unless it is a refusal. Raises Refusal."""
    if isinstance(answer, Refused):
        raise Refusal(answer)
    return answer


def problem(
    request: Request,
    status: int,
    refused: Refused,
    faults: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The problem as it is sent."""
    body = Problem(
        type=f"urn:duban:problem:{refused.code}",
        kind=refused.kind,
        title=refused.message,
        status=status,
        instance=request.url.path,
        version=refused.version,
        errors=faults or [],
        trace_id=tracing.now().span.trace_id,
    )
    content = body.model_dump(mode="json", exclude_defaults=True)
    return JSONResponse(content, status, headers=dict(headers or {}), media_type="application/problem+json")


def invalid(errors: Sequence[tuple[str, str]]) -> Refused:
    """What was filled in is wrong in these places, as (pointer, message)."""
    message = errors[0][1] if len(errors) == 1 else _("有 %(n)s 处需要改正") % {"n": len(errors)}
    listed = [{"pointer": pointer, "message": text} for pointer, text in errors]
    return refuse(Code.INVALID, message, errors[0][0], errors=listed)


def errors_of(refused: Refused) -> list[tuple[str, str]]:
    """Everything a refusal finds wrong, as (pointer, message)."""
    errors = refused.detail.get("errors")
    if isinstance(errors, list | tuple) and errors:
        return [(each["pointer"], each["message"]) for each in errors]
    return [(refused.pointer, refused.message)]


def together(*refused: Refused) -> Refused:
    """Several refusals of one form as one; a place that both name is told once."""
    errors: dict[str, str] = {}
    for pointer, message in (each for one in refused for each in errors_of(one)):
        errors.setdefault(pointer, message)
    return refused[0] if len(refused) == 1 else invalid(list(errors.items()))


async def is_awaited(request: Request) -> bool:
    """Whether what the address names was just done, and is only not shown yet."""
    return await awaited.includes(request.app.state.portal.db, request.path_params.values())


async def on_refusal(request: Request, error: Exception) -> JSONResponse:
    """A refusal, with every field it names."""
    assert isinstance(error, Refusal)
    if error.status == STATUSES[Kind.NOT_FOUND] and await is_awaited(request):
        error = Refusal(refuse(Code.BEHIND, _(BEHIND)))
    refused = error.refused
    places = [(HEADERS.get(pointer, pointer), message) for pointer, message in errors_of(refused) if pointer]
    faults = [Fault(pointer=pointer, detail=message) for pointer, message in places]
    return problem(request, error.status, refused, faults, error.headers)


async def on_malformed(request: Request, error: Exception) -> JSONResponse:
    """A request that does not have the shape it should."""
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(pointer="/" + "/".join(map(str, each["loc"][1:])), detail=in_words(each)) for each in error.errors()
    ]
    where = {str(each["loc"][0]) for each in error.errors()}
    title = "请求内容不符合要求：请按 errors 逐项改正" + ("（请求头见文档）" if "header" in where else "")
    return problem(request, STATUSES[Kind.INVALID], refuse(Code.INVALID, title), faults)


async def on_cursor(request: Request, error: Exception) -> JSONResponse:
    """A cursor of somebody else's making."""
    return problem(request, 400, refuse(Code.CURSOR, str(error)), [Fault(pointer="/cursor", detail=str(error))])


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses; its headers stay. OPTIONS is asked which methods there are."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        error = HTTPException(405, headers={"Allow": allow(request)})
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=error.headers)
    refused = OF_HTTP.get(error.status_code) or refuse(Code.HTTP, str(error.detail))
    return problem(request, error.status_code, refused, headers=error.headers)


async def on_lost(request: Request, error: Exception) -> JSONResponse:
    """The database or the bus does not answer."""
    title = "数据库或总线暂时没有应答，请稍后用同一幂等键重试"
    return problem(request, STATUSES[Kind.UNAVAILABLE], refuse(Code.UNAVAILABLE, title), headers=RETRY_AFTER)


async def on_failure(request: Request, error: Exception) -> JSONResponse:
    """A fault of ours; the log has it under the same trace."""
    title = "系统内部错误：请凭 trace_id 联系管理员"
    return problem(request, STATUSES[Kind.FAILED], refuse(Code.INTERNAL, title))


OF_HTTP = {
    404: refuse(Code.NO_ADDRESS, "没有这个地址"),
    405: refuse(Code.METHOD, "这个地址不支持该方法：可用的方法见 Allow"),
}

HANDLERS: dict[type[Exception], Any] = {
    Refusal: on_refusal,
    RequestValidationError: on_malformed,
    CursorInvalid: on_cursor,
    HTTPException: on_http,
    **dict.fromkeys(LOST_IN_POOL, on_lost),
    asyncpg.DataError: on_failure,
    Exception: on_failure,
}
