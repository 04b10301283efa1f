"""Every reason for which ranking refuses something, and what sort of refusal each is."""

from enum import StrEnum

from contracts.refusals import Kind, Refused


class Code(StrEnum):
    """Why not."""

    FORBIDDEN = "forbidden"
    PERIOD_RUNNING = "period_running"
    NOTHING_ISSUED = "nothing_issued"
    UNCHANGED = "unchanged"
    BEHIND = "behind"


KINDS = {
    Code.FORBIDDEN: Kind.FORBIDDEN,
    Code.PERIOD_RUNNING: Kind.CONFLICT,
    Code.NOTHING_ISSUED: Kind.CONFLICT,
    Code.UNCHANGED: Kind.CONFLICT,
    Code.BEHIND: Kind.UNAVAILABLE,
}


def refuse(code: Code, message: str, pointer: str) -> Refused:
    """A refusal with the kind of its code; `message`: Chinese, with the remedy."""
    return Refused(kind=KINDS[code], code=code, message=message, pointer=pointer)
