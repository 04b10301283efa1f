"""Who may do what to a document, and when; each guard is silent, or refuses with a named reason."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from contracts.assignment import Assignment
from contracts.commands.notice import RequestedRecipient
from contracts.envelope import Actor
from contracts.notice import Notice, signers
from contracts.offices import OVERSEEING, Issued, oversees
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import NoticeKind, NoticeState
from contracts.units import UnitAddress
from services.notices.documents.domain.notice import draft
from services.notices.refusals import Code, refuse


def not_drafter(actor: Actor, issued: Iterable[Issued]) -> Refused | None:
    """A document is drafted by those who oversee all it speaks of: the office that issued it, or its leader."""
    if all(oversees(actor, each, *OVERSEEING) for each in issued):
        return None
    return refuse(Code.FORBIDDEN, "只有交办单位的督查人员可以起草文书", "/actor")


def not_signer(actor: Actor, issued: Iterable[Issued], kind: NoticeKind) -> Refused | None:
    """A supervisor or a leader signs; an order is signed by a leader alone (R3)."""
    if all(oversees(actor, each, *signers(kind)) for each in issued):
        return None
    who = "责令书只能由领导签发" if kind is NoticeKind.ORDER else "只有交办单位的督查负责人或领导可以签发"
    return refuse(Code.FORBIDDEN, who, "/actor")


def not_voider(actor: Actor, notice: Notice) -> Refused | None:
    """Who may draft may withdraw a draft; who may sign may make a number void."""
    return not_drafter(actor, [notice]) if draft(notice) else not_signer(actor, [notice], notice.kind)


def ended(notice: Notice) -> Refused | None:
    """What is withdrawn or void stays so."""
    if notice.state is NoticeState.WITHDRAWN:
        return refuse(Code.WITHDRAWN, "该草稿已经撤回，请重新起草", "/notice_id")
    if notice.state is NoticeState.VOID:
        return refuse(Code.VOID, f"{notice.number} 已经作废", "/notice_id", number=notice.number)
    return None


def not_signable(notice: Notice) -> Refused | None:
    """Only a draft is signed; the refusal of a second click carries the number of the first."""
    if draft(notice):
        return None
    signed = refuse(Code.ALREADY_SIGNED, f"该文书已经签发，文号 {notice.number}", "/notice_id", number=notice.number)
    return ended(notice) or signed


def missing(wanted: Sequence[UUID], stored: Mapping[UUID, object]) -> Refused | None:
    """Some assignments are not stored here."""
    absent = [n for n, id in enumerate(wanted) if id not in stored]
    if not absent:
        return None
    return refuse(Code.NOT_FOUND, f"第 {absent[0] + 1} 个交办事项不存在", f"/assignments/{absent[0]}")


def mixed(assignments: Sequence[Assignment], node: str) -> Refused | None:
    """One document has one issuer, of this node."""
    if any(assignment.owner != node for assignment in assignments):
        return refuse(Code.NOT_HERE, "事项由上级交办，请由交办单位发文", "/assignments")
    if len({assignment.issuer for assignment in assignments}) > 1:
        return refuse(Code.MANY_ISSUERS, "所选事项由不同单位交办，请按交办单位分别发文", "/assignments")
    return None


def unreachable(
    requested: RequestedRecipient, issuer: UnitAddress, units: Mapping[UnitAddress, Unit], pointer: str
) -> Refused | None:
    """A recipient is on the register, and lies where the issuer may send (§1b)."""
    if (unit := units.get(requested.unit)) is None:
        message = f"名录中没有单位 {requested.unit}（{requested.name or '未写名称'}）"
        return refuse(Code.UNKNOWN_UNIT, message, pointer)
    if issuer not in units or not units[issuer].may_issue_to(unit, units):
        return refuse(Code.OUTSIDE, f"{unit.short}不在发文单位的督办范围内，请改选下级或所属单位", pointer)
    return None
