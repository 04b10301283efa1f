"""The words of supervision: every closed set that events and commands share."""

from enum import StrEnum


class Board(StrEnum):
    """The six boards a task stands on, exactly one (板块).

    daily 日常交办, key_work 重点工作, reform 重大改革, project 重点工程, upgrade 重大技改,
    investment 重点招商.
    """

    DAILY = "daily"
    KEY_WORK = "key_work"
    REFORM = "reform"
    PROJECT = "project"
    UPGRADE = "upgrade"
    INVESTMENT = "investment"


class Role(StrEnum):
    """A unit's part in a task (分工): lead 牵头, one of them; responsible 责任; supporting 参与."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORTING = "supporting"


class AssignmentState(StrEnum):
    """Where one unit's part stands (交办件状态).

    issued 待签收, return_requested 申请退回, acknowledged 已签收, working 办理中, submitted 已报完成, verified 已核验,
    closed 已销号, cancelled 已撤销, returned 已退回.
    """

    ISSUED = "issued"
    RETURN_REQUESTED = "return_requested"
    ACKNOWLEDGED = "acknowledged"
    WORKING = "working"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class TaskState(StrEnum):
    """Where the whole task stands, which follows from its assignments (事项状态).

    assigned 已交办, in_progress 办理中, completion_submitted 已报完成, verified 已核验, closed 已销号,
    cancelled 已撤销.
    """

    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    COMPLETION_SUBMITTED = "completion_submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReportKind(StrEnum):
    """What a report is about (报送类别): deployment 研究部署, progress 进展, completion 完成, imported 台账导入."""

    DEPLOYMENT = "deployment"
    PROGRESS = "progress"
    COMPLETION = "completion"
    IMPORTED = "imported"


class Grade(StrEnum):
    """The supervisor's verdict at closure (核定等次): excellent 优秀, good 良好, pass 合格."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"


class NextStep(StrEnum):
    """What has to happen next with one unit's part (待办环节).

    acknowledge 签收, work 办理, decide 审批, verify 核验, close 销号, none 无.
    """

    ACKNOWLEDGE = "acknowledge"
    WORK = "work"
    DECIDE = "decide"
    VERIFY = "verify"
    CLOSE = "close"
    NONE = "none"


class RequestKind(StrEnum):
    """What may be asked of the issuing office (申请事项). §2.

    return 退回, extension 延期, resolution_plan 解决方案, reclassification 转为重大事项, reassignment 改派.
    """

    RETURN = "return"
    EXTENSION = "extension"
    RESOLUTION_PLAN = "resolution_plan"
    RECLASSIFICATION = "reclassification"
    REASSIGNMENT = "reassignment"


class DueChangeCause(StrEnum):
    """The only reasons a due date may move (时限变更原因).

    extension 批准延期, calendar 工作日历调整, suspension 暂停办理, reassignment 改派, reclassification 改变类别,
    resolution_plan 批准解决方案.
    """

    EXTENSION = "extension"
    CALENDAR = "calendar"
    SUSPENSION = "suspension"
    REASSIGNMENT = "reassignment"
    RECLASSIFICATION = "reclassification"
    RESOLUTION_PLAN = "resolution_plan"


class Light(StrEnum):
    """The four-colour warning (四色预警). R2.

    normal 正常 (green), lagging 滞后 (yellow), stalled 停滞 (blue), overdue 逾期 (red), none 无灯 (grey).
    """

    NORMAL = "normal"
    LAGGING = "lagging"
    STALLED = "stalled"
    OVERDUE = "overdue"
    NONE = "none"


class LightReason(StrEnum):
    """Why a light is what it is; all that hold are kept (亮灯原因). R2.

    past_due 超过办结时限, no_move 多个工作日没有进展, reports_missed 连续未按期报送, behind_plan 实际进度落后计划,
    milestone_overdue 时间节点逾期, deploy_missed 1日内未研究部署, feedback_missed 3日内未反馈,
    submitted_on_time 已按期报完成，等待核定, closed 已销号, cancelled 已撤销, returned 已退回.
    """

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
    RETURNED = "returned"


class NoticeKind(StrEnum):
    """The documents (公文种类).

    supervision 督办通知, prompt 提示单, assignment 交办单, urging 催办单, order 责令书.
    """

    SUPERVISION = "supervision"
    PROMPT = "prompt"
    ASSIGNMENT = "assignment"
    URGING = "urging"
    ORDER = "order"


class NoticeState(StrEnum):
    """Where a document stands (公文状态).

    draft 草稿, signed 已签发, sent 已送达, received 已签收, withdrawn 已撤回, void 已作废.
    """

    DRAFT = "draft"
    SIGNED = "signed"
    SENT = "sent"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class NoticeCause(StrEnum):
    """What raised a document (公文事由). R3.

    lagging 进度滞后, due_soon 临近到期, stalled 进展停滞, overdue 办理逾期, feedback_missed 3日内未反馈,
    unanswered 逾期未回复, historical 导入前已逾期, by_hand 人工发起.
    """

    LAGGING = "lagging"
    DUE_SOON = "due_soon"
    STALLED = "stalled"
    OVERDUE = "overdue"
    FEEDBACK_MISSED = "feedback_missed"
    UNANSWERED = "unanswered"
    HISTORICAL = "historical"
    BY_HAND = "by_hand"


class PeerGroup(StrEnum):
    """Whom a unit is ranked with (考核组别): county 县（市、区）, city 设区市, department 省直部门. R5."""

    COUNTY = "county"
    CITY = "city"
    DEPARTMENT = "department"


class Indicator(StrEnum):
    """What the monthly ranking measures (督察点). R4.

    acknowledged_in_time 按时签收, reported_in_time 按时报送, closed_in_time 按时办结, days_overdue 逾期天数.
    """

    ACKNOWLEDGED_IN_TIME = "acknowledged_in_time"
    REPORTED_IN_TIME = "reported_in_time"
    CLOSED_IN_TIME = "closed_in_time"
    DAYS_OVERDUE = "days_overdue"


class DeliveryState(StrEnum):
    """Where one unit's copy of a document stands (送达状态): sent 已送达, received 已签收, withdrawn 已撤回."""

    SENT = "sent"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
