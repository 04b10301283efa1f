"""Every reason for which notices refuses something, and what sort of refusal each is."""

from enum import StrEnum

from contracts.envelope import Command
from contracts.refusals import Kind, Refused


class Code(StrEnum):
    """Why not."""

    kind: Kind

    def __new__(cls, value: str, kind: Kind = Kind.CONFLICT) -> "Code":
        """A code without a kind: the state of the assignment, document or delivery does not allow it."""
        code = str.__new__(cls, value)
        code._value_, code.kind = value, kind
        return code

    NOT_FOUND = "not_found", Kind.NOT_FOUND
    STALE = "stale", Kind.STALE
    TOO_LARGE = "too_large", Kind.TOO_LARGE

    FORBIDDEN = "forbidden", Kind.FORBIDDEN
    NOT_HERE = "not_here", Kind.FORBIDDEN
    OUTSIDE = "outside", Kind.FORBIDDEN

    MANY_ISSUERS = "many_issuers", Kind.INVALID
    UNKNOWN_UNIT = "unknown_unit", Kind.INVALID
    REASON_NEEDED = "reason_needed", Kind.INVALID
    UNPRINTABLE = "unprintable", Kind.INVALID
    CLASSIFIED = "classified", Kind.INVALID

    SUSPENDED = "suspended"
    NOT_OPEN = "not_open"
    DRAFT_WAITS = "draft_waits"
    RUNG_LIVE = "rung_live"
    URGING_LIMIT = "urging_limit"
    URGING_GAP = "urging_gap"
    ALREADY_SIGNED = "already_signed"
    ALREADY_RECEIVED = "already_received"
    WITHDRAWN = "withdrawn"
    VOID = "void"


def refuse(code: Code, message: str, pointer: str = "/notice_id", **detail: object) -> Refused:
    """A refusal with the kind of its code; `message`: Chinese, with the remedy."""
    return Refused(kind=code.kind, code=code, message=message, pointer=pointer, detail=detail)


def stale(command: Command, version: int) -> Refused | None:
    """The sender decided on an older version."""
    if command.expected_version in (None, version):
        return None
    message = f"该文书已更新到第 {version} 版，您看到的是第 {command.expected_version} 版，请刷新后重试"
    return refuse(Code.STALE, message, "/expected_version").model_copy(update={"version": version})
