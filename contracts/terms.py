"""The words of supervision: every closed set that events and commands share."""

from enum import StrEnum


class Board(StrEnum):
    """The six boards a task stands on, exactly one (板块)."""

    DAILY = "daily"
    KEY_WORK = "key_work"
    REFORM = "reform"
    PROJECT = "project"
    UPGRADE = "upgrade"
    INVESTMENT = "investment"


class Role(StrEnum):
    """A unit's part in a task (牵头 / 责任 / 参与单位)."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORTING = "supporting"


class AssignmentState(StrEnum):
    """Where one unit's part stands (交办件状态)."""

    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    WORKING = "working"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """Where the whole task stands: a pure function of its assignments (事项状态)."""

    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    COMPLETION_SUBMITTED = "completion_submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReportKind(StrEnum):
    """What a report is about (报送进展)."""

    DEPLOYMENT = "deployment"
    PROGRESS = "progress"
    COMPLETION = "completion"
    IMPORTED = "imported"


class Grade(StrEnum):
    """The supervisor's verdict at closure (核定等次)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"


class DueChangeCause(StrEnum):
    """The only reasons a due date may move (时限变更原因)."""

    EXTENSION = "extension"
    CALENDAR = "calendar"
    SUSPENSION = "suspension"
    REASSIGNMENT = "reassignment"
    RECLASSIFICATION = "reclassification"
    RESOLUTION_PLAN = "resolution_plan"


class Light(StrEnum):
    """The four-colour warning (四色预警): green, yellow, blue, red; grey is none. R2."""

    NORMAL = "normal"
    LAGGING = "lagging"
    STALLED = "stalled"
    OVERDUE = "overdue"
    NONE = "none"


class LightReason(StrEnum):
    """Why a light shows what it shows; all that hold are kept. R2."""

    PAST_DUE = "past_due"
    NO_MOVE = "no_move"
    REPORTS_MISSED = "reports_missed"
    BEHIND_PLAN = "behind_plan"
    MILESTONE_OVERDUE = "milestone_overdue"
    DEPLOY_MISSED = "deploy_missed"
    FEEDBACK_MISSED = "feedback_missed"
    SUBMITTED_ON_TIME = "submitted_on_time"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class NoticeKind(StrEnum):
    """The documents (督办通知; 提示单, 交办单, 催办单, 责令书)."""

    SUPERVISION = "supervision"
    PROMPT = "prompt"
    ASSIGNMENT = "assignment"
    URGING = "urging"
    ORDER = "order"


class NoticeState(StrEnum):
    """Where a document stands (公文状态)."""

    DRAFT = "draft"
    SIGNED = "signed"
    SENT = "sent"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class NoticeCause(StrEnum):
    """What made the ladder act (三单一书的事由). R3."""

    LAGGING = "lagging"
    DUE_SOON = "due_soon"
    STALLED = "stalled"
    OVERDUE = "overdue"
    FEEDBACK_MISSED = "feedback_missed"
    UNANSWERED = "unanswered"
    HISTORICAL = "historical"
    BY_HAND = "by_hand"


class PeerGroup(StrEnum):
    """Whom a unit is ranked with (考核组别). R5."""

    COUNTY = "county"
    CITY = "city"
    DEPARTMENT = "department"


class Indicator(StrEnum):
    """What the monthly board measures (督察点). R4."""

    ACKNOWLEDGED_IN_TIME = "acknowledged_in_time"
    REPORTED_IN_TIME = "reported_in_time"
    CLOSED_IN_TIME = "closed_in_time"
    DAYS_OVERDUE = "days_overdue"


class DeliveryState(StrEnum):
    """Where one unit's copy of a document stands (送达状态)."""

    SENT = "sent"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
