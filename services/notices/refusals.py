"""Every reason for which notices refuses something, and what sort of refusal each is."""

from contracts.envelope import Command
from contracts.refusals import Kind, RefusalCode, Refused, outdated, refuse

__all__ = ["Code", "refuse", "stale"]


class Code(RefusalCode):
    """Why not; a conflict: the state of the assignment, document or delivery does not allow it."""

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

    SUSPENDED = "suspended", Kind.CONFLICT
    NOT_OPEN = "not_open", Kind.CONFLICT
    DRAFT_WAITS = "draft_waits", Kind.CONFLICT
    RUNG_LIVE = "rung_live", Kind.CONFLICT
    URGING_LIMIT = "urging_limit", Kind.CONFLICT
    URGING_GAP = "urging_gap", Kind.CONFLICT
    ALREADY_SIGNED = "already_signed", Kind.CONFLICT
    ALREADY_RECEIVED = "already_received", Kind.CONFLICT
    WITHDRAWN = "withdrawn", Kind.CONFLICT
    VOID = "void", Kind.CONFLICT


def stale(command: Command, version: int) -> Refused | None:
    """The sender decided on an older version."""
    return outdated(Code.STALE, "该文书", command.expected_version, version)
