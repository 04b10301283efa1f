"""Every reason for which ranking refuses something, and what sort of refusal each is."""

from contracts.refusals import Kind, RefusalCode, refuse

__all__ = ["Code", "refuse"]


class Code(RefusalCode):
    """Why not."""

    FORBIDDEN = "forbidden", Kind.FORBIDDEN
    PERIOD_RUNNING = "period_running", Kind.CONFLICT
    NOTHING_ISSUED = "nothing_issued", Kind.CONFLICT
    UNCHANGED = "unchanged", Kind.CONFLICT
    BEHIND = "behind", Kind.UNAVAILABLE
