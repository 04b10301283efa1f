"""Why something was not done: an answer, never an exception. The kind says what sort of no, the code which one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

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
