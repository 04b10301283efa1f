"""Who may do what to a document, and when; each guard is silent, or refuses with a named reason."""

from collections.abc import Sequence
from datetime import datetime

from contracts.envelope import Actor, ActorRole, Command
from contracts.refusals import Refused
from contracts.terms import AssignmentState, NoticeKind, NoticeState
from contracts.units import parse
from contracts.workdays import ZONE, Calendar
from services.notices.domain.climb import OPEN, Climb, End, Rung
from services.notices.domain.delivery import Delivery
from services.notices.domain.ladder import Look
from services.notices.domain.notice import Notice
from services.notices.domain.policy import LEVEL, LadderPolicy

DRAFTERS = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.LEADER)
SIGNERS = (ActorRole.SUPERVISOR, ActorRole.LEADER)
UNIT_SIDE = (ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD)
NAMES = {
    NoticeKind.SUPERVISION: "督办通知",
    NoticeKind.PROMPT: "提示单",
    NoticeKind.ASSIGNMENT: "交办单",
    NoticeKind.URGING: "催办单",
    NoticeKind.ORDER: "责令书",
}


def refused(code: str, message: str, pointer: str = "/notice_id", **more: object) -> Refused:
    """A refusal with its reason."""
    return Refused(code=code, message=message, pointer=pointer, detail=more)


def _of_issuer(actor: Actor, issuer: str) -> bool:
    """Of the issuing unit itself, or a leader of its region."""
    return actor.unit == issuer or (actor.may(ActorRole.LEADER) and parse(actor.unit).region == parse(issuer).region)


def not_drafter(actor: Actor, issuer: str) -> Refused | None:
    """Documents are drafted by the issuer's own inspectors, supervisors and leaders."""
    if _of_issuer(actor, issuer) and actor.may(*DRAFTERS):
        return None
    return refused("forbidden", "只有交办单位的督查人员可以起草文书", "/actor")


def not_signer(actor: Actor, issuer: str, kind: NoticeKind) -> Refused | None:
    """A supervisor signs; an order is signed by a leader alone (R3)."""
    signers = (ActorRole.LEADER,) if kind is NoticeKind.ORDER else SIGNERS
    if _of_issuer(actor, issuer) and actor.may(*signers):
        return None
    who = "责令书只能由领导签发" if kind is NoticeKind.ORDER else "只有交办单位的督查负责人或领导可以签发"
    return refused("forbidden", who, "/actor")


def not_voider(actor: Actor, notice: Notice) -> Refused | None:
    """Who may draft may withdraw a draft; who may sign may make a number void."""
    if notice.draft:
        return not_drafter(actor, notice.issuer)
    return not_signer(actor, notice.issuer, notice.kind)


def not_receiver(actor: Actor, delivery: Delivery) -> Refused | None:
    """A document is received by its own unit."""
    if actor.unit == delivery.unit and actor.may(*UNIT_SIDE):
        return None
    return refused("forbidden", f"只有{delivery.unit_name}的经办人或负责人可以签收", "/actor")


def stale(command: Command, version: int) -> Refused | None:
    """The sender decided on an older version."""
    if command.expected_version in (None, version):
        return None
    message = f"该文书已更新到第 {version} 版，您看到的是第 {command.expected_version} 版，请刷新后重试"
    return Refused(code="stale", message=message, pointer="/expected_version", version=version)


def not_signable(notice: Notice) -> Refused | None:
    """Only a draft is signed; a second click is told the number of the first."""
    if notice.draft:
        return None
    if notice.state is NoticeState.WITHDRAWN:
        return refused("withdrawn", "该草稿已经撤回，不能签发")
    if notice.state is NoticeState.VOID:
        return refused("void", f"{notice.number} 已经作废，不能再次签发", number=notice.number)
    return refused("already_signed", f"该文书已经签发，文号 {notice.number}", number=notice.number)


def not_voidable(notice: Notice) -> Refused | None:
    """What is withdrawn or void stays so."""
    if notice.state is NoticeState.WITHDRAWN:
        return refused("withdrawn", "该草稿已经撤回")
    if notice.state is NoticeState.VOID:
        return refused("void", f"{notice.number} 已经作废", number=notice.number)
    return None


def not_receivable(delivery: Delivery) -> Refused | None:
    """A document is received once, while it holds."""
    if delivery.withdrawn:
        return refused("void", f"{delivery.number} 已经作废，不用签收", "/delivery_id")
    if delivery.received_at:
        at = delivery.received_at.astimezone(ZONE)
        return refused("already_received", f"已于 {at:%Y-%m-%d %H:%M} 由 {delivery.received_by} 签收", "/delivery_id")
    return None


ENDS = {AssignmentState.CLOSED: "已经销号", AssignmentState.CANCELLED: "已经撤销"}


def at_rest(climb: Climb, kind: NoticeKind, pointer: str) -> Refused | None:
    """No rung is raised or signed for a part that is suspended, submitted or ended (R3)."""
    if kind not in LEVEL:
        return None
    if climb.paused:
        return refused("suspended", f"{_where(climb)}已暂停办理，恢复后再发{NAMES[kind]}", pointer)
    if climb.state not in OPEN:
        state = ENDS.get(climb.state, "已经报送办结，正在等待核验")
        return refused("not_open", f"{_where(climb)}{state}，不再发{NAMES[kind]}", pointer)
    return None


def _where(climb: Climb) -> str:
    return f"“{climb.title}”（{climb.unit_name}）"


def not_climbing(
    climb: Climb, kind: NoticeKind, reason: str, now: datetime, policy: LadderPolicy, calendar: Calendar
) -> Refused | None:
    """Why a person may not raise this rung for a part now (R3); a 督办通知 is no rung and may always be written."""
    if kind not in LEVEL:
        return None
    if no := at_rest(climb, kind, "/assignments"):
        return no
    where = _where(climb)
    look = Look(climb, now, policy, calendar)
    live = next((rung for rung in reversed(climb.ladder) if rung.ended is None and look.live(rung)), None)
    return (live and _below_live(look, live, kind, where)) or _beyond(look, kind, reason, where)


def _below_live(look: Look, live: Rung, kind: NoticeKind, where: str) -> Refused | None:
    """One live rung: another of the same kind only when this one ran out, a lower one never."""
    if LEVEL[kind] > LEVEL[live.kind] or (kind is live.kind and look.unanswered(live)):
        return None
    pointer, known = "/assignments", {"notice_id": str(live.notice_id), "number": live.number}
    if live.draft:
        return refused("draft_waits", f"{where}已有{NAMES[live.kind]}草稿待签发，请直接签发该草稿", pointer, **known)
    return refused(
        "rung_live", f"{where}的{NAMES[live.kind]}（{live.number}）尚未答复，不能再发{NAMES[kind]}", pointer, **known
    )


def _beyond(look: Look, kind: NoticeKind, reason: str, where: str) -> Refused | None:
    """The bounds of urgings, and what an order needs."""
    policy, rungs = look.policy, [rung for rung in look.climb.ladder if rung.ended is not End.WITHDRAWN]
    if kind is NoticeKind.URGING:
        urgings = [rung for rung in rungs if rung.kind is kind]
        if sum(rung.ended is None for rung in urgings) >= policy.urging_max:
            return refused("urging_limit", f"{where}已催办 {policy.urging_max} 次，请改发责令书", "/assignments")
        if any(look.now < look.gap_ends(rung) for rung in urgings):
            return refused("urging_gap", f"{where}距上次催办不足 {policy.urging_gap} 个工作日", "/assignments")
    if kind is NoticeKind.ORDER and not reason and sum(map(look.unanswered, rungs)) < 2:
        return refused("reason_needed", f"{where}没有两件逾期未复的文书，发责令书须写明理由", "/reason")
    return None


def missing(wanted: Sequence[object], found: Sequence[object]) -> Refused | None:
    """Some parts are not known here."""
    absent = [n for n, id in enumerate(wanted) if id not in found]
    if not absent:
        return None
    return refused("not_found", f"第 {absent[0] + 1} 个交办事项不存在", f"/assignments/{absent[0]}")


def mixed(climbs: Sequence[Climb], node: str) -> Refused | None:
    """One document has one issuer, of this node."""
    if any(climb.owner != node for climb in climbs):
        return refused("not_here", "事项由上级交办，请由交办单位发文", "/assignments")
    if len({climb.issuer for climb in climbs}) > 1:
        return refused("many_issuers", "所选事项由不同单位交办，请按交办单位分别发文", "/assignments")
    return None
