"""Every reason for which tasks refuses something, and what sort of refusal each is."""

from contracts.refusals import Kind, RefusalCode, Refused, refuse

__all__ = ["Code", "forbidden", "refuse"]


class Code(RefusalCode):
    """Why not. The names of the states say where an assignment stands that takes no such command."""

    NOT_FOUND = "not_found", Kind.NOT_FOUND
    STALE = "stale", Kind.STALE

    FORBIDDEN = "forbidden", Kind.FORBIDDEN
    ISSUER_UNKNOWN = "issuer_unknown", Kind.FORBIDDEN
    CANNOT_ISSUE = "cannot_issue", Kind.FORBIDDEN
    OFFICE_MISSING = "office_missing", Kind.FORBIDDEN
    OUTSIDE = "outside", Kind.FORBIDDEN
    SAME_PERSON = "same_person", Kind.FORBIDDEN
    SAME_CREDENTIAL = "same_credential", Kind.FORBIDDEN
    NODE_MAY_NOT_CLOSE = "node_may_not_close", Kind.FORBIDDEN

    NOT_ACKNOWLEDGED = "not_acknowledged", Kind.CONFLICT
    ACKNOWLEDGED = "acknowledged", Kind.CONFLICT
    WORKING = "working", Kind.CONFLICT
    SUBMITTED = "submitted", Kind.CONFLICT
    VERIFIED = "verified", Kind.CONFLICT
    CLOSED = "closed", Kind.CONFLICT
    CANCELLED = "cancelled", Kind.CONFLICT
    SUSPENDED = "suspended", Kind.CONFLICT
    NOT_SUSPENDED = "not_suspended", Kind.CONFLICT
    ASSIGNMENTS_UNFINISHED = "assignments_unfinished", Kind.CONFLICT
    LEAD_CLOSED = "lead_closed", Kind.CONFLICT
    PERCENT_FALLS = "percent_falls", Kind.CONFLICT
    PROGRESS_NOT_100 = "progress_not_100", Kind.CONFLICT
    NOTHING_TO_CORRECT = "nothing_to_correct", Kind.CONFLICT
    CORRECTION_LATE = "correction_late", Kind.CONFLICT
    CORRECTION_EARLY = "correction_early", Kind.CONFLICT
    NO_DUE = "no_due", Kind.CONFLICT
    ALREADY_DUE = "already_due", Kind.CONFLICT
    EXTENDED_ENOUGH = "extended_enough", Kind.CONFLICT
    RETURN_REQUESTED = "return_requested", Kind.CONFLICT
    RETURNED = "returned", Kind.CONFLICT
    REQUEST_PENDING = "request_pending", Kind.CONFLICT
    NOTHING_ASKED = "nothing_asked", Kind.CONFLICT
    RETURN_ONCE = "return_once", Kind.CONFLICT
    RETURN_LATE = "return_late", Kind.CONFLICT
    NOT_SEVEN_DAYS = "not_seven_days", Kind.CONFLICT
    ALREADY_PART = "already_part", Kind.CONFLICT
    NUMBER_TAKEN = "number_taken", Kind.CONFLICT
    PERSON_ELSEWHERE = "person_elsewhere", Kind.CONFLICT

    WRONG_KIND = "wrong_kind"
    RESPONSIBLE_MISSING = "responsible_missing"
    MILESTONE_UNKNOWN = "milestone_unknown"
    EVIDENCE_MISSING = "evidence_missing"
    PERCENT_UNCHANGED = "percent_unchanged"
    REASON_MISSING = "reason_missing"
    UNIT_MISSING = "unit_missing"
    UNFITTING = "unfitting"
    NOT_LATER = "not_later"
    TERM_EXCEEDED = "term_exceeded"

    MISSING = "missing"
    NOT_MEASURABLE = "not_measurable"
    UNPRINTABLE = "unprintable"
    DEADLINE_UNREADABLE = "deadline_unreadable"
    DUE_BEFORE_ASSIGNMENT = "due_before_assignment"
    ONE_LEAD = "one_lead"
    TOO_MANY_UNITS = "too_many_units"
    NO_DUE_DATE = "no_due_date"
    MILESTONE_OUTSIDE = "milestone_outside"
    MILESTONE_TWICE = "milestone_twice"
    WEIGHTS = "weights"

    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    UNIT_VAGUE = "unit_vague"
    UNIT_WRONG_COUNT = "unit_wrong_count"
    UNIT_INCOMPLETE = "unit_incomplete"
    UNIT_ENDED = "unit_ended"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_ENDED = "person_ended"
    DAYS_REVERSED = "days_reversed"

    BLOB_MISSING = "blob_missing"
    UNREADABLE = "unreadable"
    ROWS_REFUSED = "rows_refused"


def forbidden(message: str) -> Refused:
    """The sender may not do this."""
    return refuse(Code.FORBIDDEN, message, "/actor")
