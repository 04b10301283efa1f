"""Why something was not done: an answer, never an exception. The kind says what sort of no, the code which one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What sort of refusal (拒绝类别); it alone decides the HTTP status.

    invalid: the content breaks a rule. forbidden: this person may not. not_found: there is no such thing.
    conflict: its state does not allow it. stale: the sender decided on an older version. too_large: too much at once.
    unavailable: try again later. failed: a fault of the platform.
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
    """Not done, and why (未办成)."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[False] = Field(default=False, description="Not done (未办成).")
    kind: Kind
    code: str = Field(description="Which refusal, a word that never changes, such as `assignment_closed` (原因代码).")
    message: str = Field(default="", description="For a person, in Chinese, with the remedy (说明).")
    pointer: str = Field(default="", description="The field of the command that is meant, a JSON Pointer (字段).")
    version: int | None = Field(default=None, description="Of the aggregate, where it is known (版本号).")
    detail: Mapping[str, object] = Field(default={}, description="More about it, by code; may be empty (详情).")


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
