"""Why a person may not raise or sign a rung for an assignment now (R3)."""

from datetime import datetime
from typing import Any

from contracts.assignment import IN_HAND, Assignment
from contracts.labels import NOTICE_KIND_NAMES
from contracts.refusals import Refused
from contracts.terms import AssignmentState, NoticeKind
from contracts.workdays import Calendar
from services.notices.ladder.domain.escalation import End, Escalation, Rung
from services.notices.ladder.domain.evaluation import Evaluation
from services.notices.ladder.domain.policy import LEVEL, LadderPolicy
from services.notices.refusals import Code, refuse

ENDS = {
    AssignmentState.CLOSED: "已经销号",
    AssignmentState.CANCELLED: "已经撤销",
    AssignmentState.RETURNED: "已经改由其他单位承办",
}
SUBMITTED = "已经报送办结，正在等待核验"


def at_rest(assignment: Assignment, kind: NoticeKind, pointer: str) -> Refused | None:
    """No rung is raised or signed for what is suspended, submitted or ended."""
    if kind not in LEVEL:
        return None
    if assignment.paused_at:
        message = f"{_named(assignment)}已暂停办理，恢复后再发{NOTICE_KIND_NAMES[kind]}"
        return refuse(Code.SUSPENDED, message, pointer)
    if assignment.state not in IN_HAND:
        state = ENDS.get(assignment.state, SUBMITTED)
        return refuse(Code.NOT_OPEN, f"{_named(assignment)}{state}，不再发{NOTICE_KIND_NAMES[kind]}", pointer)
    return None


def not_raisable(
    escalation: Escalation, kind: NoticeKind, reason: str, now: datetime, policy: LadderPolicy, calendar: Calendar
) -> Refused | None:
    """A 督办通知 is no rung and may always be written; `reason`: what the person gave, which an order may need."""
    if kind not in LEVEL:
        return None
    if no := at_rest(escalation.assignment, kind, "/assignments"):
        return no
    evaluation = Evaluation(escalation, now, policy, calendar)
    live = next((r for r in reversed(escalation.ladder) if r.ended is None and evaluation.live(r)), None)
    return (live and _below_live(evaluation, live, kind)) or _beyond(evaluation, kind, reason)


def _named(assignment: Assignment) -> str:
    return f"“{assignment.title}”（{assignment.unit_name}）"


def _below_live(evaluation: Evaluation, live: Rung, kind: NoticeKind) -> Refused | None:
    """One live rung: another of the same kind only when this one ran out, a lower one never."""
    if LEVEL[kind] > LEVEL[live.kind] or (kind is live.kind and evaluation.unanswered(live)):
        return None
    earlier: dict[str, Any] = {"notice_id": str(live.notice_id), "number": live.number}
    named, live_name = _named(evaluation.escalation.assignment), NOTICE_KIND_NAMES[live.kind]
    if live.draft:
        message = f"{named}已有{live_name}草稿待签发，请直接签发该草稿"
        return refuse(Code.DRAFT_WAITS, message, "/assignments", **earlier)
    message = f"{named}的{live_name}（{live.number}）尚未答复，不能再发{NOTICE_KIND_NAMES[kind]}"
    return refuse(Code.RUNG_LIVE, message, "/assignments", **earlier)


def _beyond(evaluation: Evaluation, kind: NoticeKind, reason: str) -> Refused | None:
    """The bounds of urgings, and what an order needs."""
    policy, named = evaluation.policy, _named(evaluation.escalation.assignment)
    rungs = [rung for rung in evaluation.ladder if rung.ended is not End.WITHDRAWN]
    if kind is NoticeKind.URGING:
        urgings = [rung for rung in rungs if rung.kind is kind]
        if sum(rung.ended is None for rung in urgings) >= policy.urging_max:
            message = f"{named}已催办 {policy.urging_max} 次，请改发责令书"
            return refuse(Code.URGING_LIMIT, message, "/assignments")
        if any(evaluation.now < evaluation.gap_ends(rung) for rung in urgings):
            message = f"{named}距上次催办不足 {policy.urging_gap} 个工作日"
            return refuse(Code.URGING_GAP, message, "/assignments")
    if kind is NoticeKind.ORDER and not reason and sum(map(evaluation.unanswered, rungs)) < 2:
        return refuse(Code.REASON_NEEDED, f"{named}没有两件逾期未复的文书，发责令书须写明理由", "/reason")
    return None
