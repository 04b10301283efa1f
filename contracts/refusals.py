"""Why something was not done: an answer, never an exception. The kind says what sort of no, the code which one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What sort of refusal; it alone decides the HTTP status.

    stale: the sender decided on an older version. conflict: the state of the thing does not allow it.
    unavailable: try again later. failed: a fault of ours.
    """

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class Refused(BaseModel):
    """`code` is a member of the deciding service's own StrEnum; `pointer` names the field (RFC 6901).

    message: Chinese, with the remedy. version: of the aggregate, where it is known.
    """

    model_config = ConfigDict(frozen=True)

    ok: Literal[False] = False
    kind: Kind
    code: str
    message: str = ""
    pointer: str = ""
    version: int | None = None
    detail: Mapping[str, object] = {}


class RefusalCode(StrEnum):
    """What a service's own codes derive from: a word and the kind of refusal that it stands for."""

    kind: Kind

    def __new__(cls, word: str, kind: Kind = Kind.INVALID) -> Self:
        """A code without a kind is a fault of the body."""
        code = str.__new__(cls, word)
        code._value_, code.kind = word, kind
        return code


def refuse(code: RefusalCode, message: str, pointer: str = "", version: int | None = None, **detail: object) -> Refused:
    """A refusal with the kind of its code; `message`: Chinese, with the remedy."""
    return Refused(kind=code.kind, code=code, message=message, pointer=pointer, version=version, detail=detail)


def outdated(code: RefusalCode, aggregate: str, seen: int | None, version: int) -> Refused | None:
    """The sender decided on an older version than the one there is; `seen` is None where any will do."""
    if seen in (None, version):
        return None
    message = f"{aggregate}已更新到第 {version} 版，您看到的是第 {seen} 版，请刷新后重试"
    return refuse(code, message, "/expected_version", version)
