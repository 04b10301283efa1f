"""Who may act on a part, and when: each guard is silent, or refuses with a named reason."""

from collections.abc import Sequence

from contracts.assignment import Assignment
from contracts.envelope import Actor, ActorRole, Command
from contracts.events.assignment import AssignmentEvent
from contracts.refusals import Refused
from contracts.terms import AssignmentState, Role

Decision = tuple[AssignmentEvent, ...] | Refused
"""What was decided on a part: the events to say, or why not."""

UNIT_SIDE = (ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD)
REVIEWERS = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR)
NAMED = 5

STANDS = {
    AssignmentState.ISSUED: ("not_acknowledged", "该事项尚未签收，请先签收"),
    AssignmentState.ACKNOWLEDGED: ("acknowledged", "该事项已签收，还没有报送过进展"),
    AssignmentState.WORKING: ("working", "该事项已签收、正在办理，还没有报送办结"),
    AssignmentState.SUBMITTED: ("submitted", "该事项已报送办结，正在等待核验"),
    AssignmentState.VERIFIED: ("verified", "该事项已通过核验，正在等待销号"),
    AssignmentState.CLOSED: ("closed", "该事项已销号，不再接收任何操作"),
    AssignmentState.CANCELLED: ("cancelled", "该事项已撤销，不再接收任何操作"),
}
"""Why a part that stands there takes no such command."""


def stale(part: Assignment, command: Command) -> Refused | None:
    """The sender decided on an older version of the part."""
    if command.expected_version in (None, part.version):
        return None
    message = f"该事项已更新到第 {part.version} 版，您看到的是第 {command.expected_version} 版，请刷新后重试"
    return Refused(code="stale", message=message, pointer="/expected_version", version=part.version)


def not_in(part: Assignment, *states: AssignmentState) -> Refused | None:
    """The part stands elsewhere than in one of `states`, or stands still."""
    if part.paused_at:
        message = "该事项已暂停办理，时限不再计算，请在恢复办理后操作"
        return Refused(code="suspended", message=message, pointer="/assignment_id", version=part.version)
    if part.state in states:
        return None
    code, message = STANDS[part.state]
    return Refused(code=code, message=message, pointer="/assignment_id", version=part.version)


def not_of_unit(part: Assignment, actor: Actor, *roles: ActorRole) -> Refused | None:
    """The sender is not of the part's own unit, or holds none of `roles` there; a superior acts by documents."""
    if actor.unit == part.unit and actor.may(*roles):
        return None
    who = "负责人" if roles == (ActorRole.UNIT_HEAD,) else "经办人或负责人"
    return forbidden(f"只有{part.unit_name}的{who}可以办理")


def not_of_issuer(part: Assignment, actor: Actor, *roles: ActorRole) -> Refused | None:
    """The sender is not of the issuing unit, or holds none of `roles` there."""
    if actor.unit == part.issuer and actor.may(*roles):
        return None
    return forbidden("只有交办单位的督查人员可以办理")


def not_reviewer(part: Assignment, actor: Actor) -> Refused | None:
    """A part is reviewed by the lead unit, the lead's own by the first reviewer of the Inspectorate."""
    if part.role is Role.LEAD:
        return not_of_issuer(part, actor, *REVIEWERS)
    if actor.unit == part.lead and actor.may(*UNIT_SIDE):
        return None
    return forbidden("只有牵头单位的经办人或负责人可以核验")


def forbidden(message: str) -> Refused:
    """The sender may not do this."""
    return Refused(code="forbidden", message=message, pointer="/actor")


def same_person(actor: Actor, *before: str) -> Refused | None:
    """The submitter, the verifier and the closer are three persons."""
    if actor.person not in before:
        return None
    return Refused(
        code="same_person", message="报送、核验、销号须由三个人分别办理，请换一个人", pointer="/actor/person"
    )


def missing(absent: Sequence[str]) -> Refused | None:
    """Evidence whose bytes are not here (R7)."""
    if not absent:
        return None
    message = f"有 {len(absent)} 件佐证材料还没有上传成功，请重新上传"
    return Refused(code="evidence_missing", message=message, pointer="/evidence", detail={"absent": list(absent)})


def unfinished(others: Sequence[Assignment]) -> Refused | None:
    """The lead's part goes on only when every other part is verified (R7)."""
    done = (AssignmentState.VERIFIED, AssignmentState.CLOSED)
    names = [part.unit_name for part in others if part.state not in done]
    if not names:
        return None
    more = f"等 {len(names)} 个单位" if len(names) > NAMED else ""
    message = f"{'、'.join(names[:NAMED])}{more}的部分还没有通过核验，牵头单位须在其后办结"
    return Refused(code="parts_unfinished", message=message, pointer="/assignment_id", detail={"units": names})
