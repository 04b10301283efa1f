"""Entity tags: of which resource, at which version, an answer was; so that nothing is sent twice or decided blindly.

A tag is `"<start of the id>-<version>-<digest of the answer>"`. If-None-Match compares all of it; If-Match only asks
whether the resource moved on, so it compares the version, and the service that owns the resource decides it.
"""

import re
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.refusals import refuse
from services.portal.refusals import Code
from services.portal.web.problems import Refusal

TAG = re.compile(r'(?<!W/)"([0-9a-f]{8})-([1-9][0-9]{0,8})-[0-9a-f]{16}"')
OTHER = refuse(
    Code.STALE, "If-Match 应为本资源最近一次查询得到的一个 ETag：请重新查询后再办理，或去掉这个请求头", "/if-match"
)
SINGLE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "Send it as If-None-Match or If-Match.", "schema": {"type": "string"}}}},
    304: {"description": "Unchanged since that ETag (没有变化)"},
}
"""What the contract says of the answer with one resource."""


def conditioned(
    request: Request,
    if_none_match: Annotated[
        str, Header(description="The ETag of an earlier answer: 304 where nothing changed (未变化).")
    ] = "",
) -> Request:
    """The request; what it says of an earlier answer is read where the answer is made."""
    return request


Asked = Annotated[Request, Depends(conditioned)]
"""A request for one resource, to which 304 may be the answer."""

IfMatch = Annotated[
    str,
    Header(
        description="The ETag of the resource as you saw it: 412 when it has moved on since, and nothing is done "
        "(已更新则不办理). Optional; without it the change is decided on the state as it is."
    ),
]


def tag(content: bytes, id: object = "", version: int = 0) -> str:
    """The tag of an answer; id and version where the resource can be changed."""
    digest = sha256(content).hexdigest()[:16]
    return f'"{str(id)[:8]}-{version}-{digest}"' if version else f'"{digest}"'


def single(request: Request, shape: BaseModel, id: object = "", version: int = 0) -> Response:
    """One resource with its tag, or 304 where the asker has it."""
    content = shape.model_dump_json().encode()
    return conditional(request, content, "application/json", tag(content, id, version))


def conditional(request: Request, content: bytes, media_type: str, etag: str, **headers: str) -> Response:
    """The answer, or 304 where the asker has it."""
    sent = {"ETag": etag, "Cache-Control": "private, no-cache", **headers}
    if is_held(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=sent)
    return Response(content, media_type=media_type, headers=sent)


def is_held(if_none_match: str, etag: str) -> bool:
    """Whether one of the asker's tags is this one; compared weakly, as RFC 9110 has it."""
    held = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return etag in held or held == ["*"]


def expected_version(if_match: str, id: UUID) -> int | None:
    """The version on which a change shall be decided; None for any. Raises Refusal: a tag of something else."""
    if if_match.strip() in ("", "*"):
        return None
    versions = {int(version) for start, version in TAG.findall(if_match) if start == str(id)[:8]}
    if len(versions) != 1:
        raise Refusal(OTHER)
    return versions.pop()
