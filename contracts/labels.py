"""The Chinese names of what documents, refusals and pages must all call alike."""

from collections.abc import Mapping

from .terms import NoticeKind

NOTICE_KIND_NAMES: Mapping[NoticeKind, str] = {
    NoticeKind.SUPERVISION: "督办通知",
    NoticeKind.PROMPT: "提示单",
    NoticeKind.ASSIGNMENT: "交办单",
    NoticeKind.URGING: "催办单",
    NoticeKind.ORDER: "责令书",
}
