"""Who may act on an assignment, and when: each guard is silent, or refuses with a named reason."""

from collections.abc import Sequence

from contracts.assignment import FINISHED, Assignment
from contracts.envelope import UNIT_SIDE, Actor, ActorRole, Command
from contracts.events.assignment import AssignmentEvent
from contracts.offices import REVIEWERS, Issued, oversees
from contracts.refusals import Refused, outdated
from contracts.task import Task
from contracts.terms import AssignmentState, Role
from services.tasks.assignments.domain.task import Member
from services.tasks.refusals import Code, forbidden, refuse

Decision = tuple[AssignmentEvent, ...] | Refused
"""The events to emit, or why not."""

NAMED = 5

STANDS = {
    AssignmentState.RETURN_REQUESTED: (Code.RETURN_REQUESTED, "该事项已申请退回，正在等待交办单位决定"),
    AssignmentState.ISSUED: (Code.NOT_ACKNOWLEDGED, "该事项尚未签收，请先签收"),
    AssignmentState.ACKNOWLEDGED: (Code.ACKNOWLEDGED, "该事项已签收，还没有报送过进展"),
    AssignmentState.WORKING: (Code.WORKING, "该事项已签收、正在办理，还没有报送办结"),
    AssignmentState.SUBMITTED: (Code.SUBMITTED, "该事项已报送办结，正在等待核验"),
    AssignmentState.VERIFIED: (Code.VERIFIED, "该事项已通过核验，正在等待销号"),
    AssignmentState.CLOSED: (Code.CLOSED, "该事项已销号，不再接收任何操作"),
    AssignmentState.CANCELLED: (Code.CANCELLED, "该事项已撤销，不再接收任何操作"),
    AssignmentState.RETURNED: (Code.RETURNED, "该事项已退回或改派，由其他单位办理"),
}
"""Why an assignment that stands there takes no such command."""


def stale(state: Assignment | Task, command: Command) -> Refused | None:
    """The sender decided on an older version."""
    return outdated(Code.STALE, "该事项", command.expected_version, state.version)


def not_in(assignment: Assignment, *states: AssignmentState) -> Refused | None:
    """The assignment stands elsewhere than in one of `states`, or stands still."""
    if assignment.paused_at:
        message = "该事项已暂停办理，时限不再计算，请在恢复办理后操作"
        return refuse(Code.SUSPENDED, message, "/assignment_id", version=assignment.version)
    if assignment.state in states:
        return None
    code, message = STANDS[assignment.state]
    return refuse(code, message, "/assignment_id", version=assignment.version)


def not_of_unit(assignment: Assignment, actor: Actor, *roles: ActorRole) -> Refused | None:
    """The sender is not of the assignment's own unit, or holds none of `roles` there; a superior acts by documents."""
    if actor.unit == assignment.unit and actor.may(*roles):
        return None
    who = "负责人" if roles == (ActorRole.UNIT_HEAD,) else "经办人或负责人"
    return forbidden(f"只有{assignment.unit_name}的{who}可以办理")


def not_overseer(issued: Issued, actor: Actor, *roles: ActorRole) -> Refused | None:
    """The sender holds none of `roles` for the office that issued it (§1b)."""
    if oversees(actor, issued, *roles):
        return None
    leaders = "或其领导" if ActorRole.LEADER in roles else ""
    who = "督查人员" if ActorRole.INSPECTOR in roles else "督查室主任"
    return forbidden(f"只有交办单位（{issued.issuer_name}）的{who}{leaders}可以办理")


def not_reviewer(assignment: Assignment, actor: Actor) -> Refused | None:
    """Reviewed by the lead unit, the lead's own assignment by the first reviewer of the issuing office."""
    if assignment.role is Role.LEAD:
        return not_overseer(assignment, actor, *REVIEWERS)
    if actor.unit == assignment.lead and actor.may(*UNIT_SIDE):
        return None
    return forbidden("只有牵头单位的经办人或负责人可以核验")


def of_a_node(actor: Actor) -> bool:
    """A person whom a node vouches for: `<node>/<id>`."""
    return "/" in actor.person


def same_person(actor: Actor, *before: str) -> Refused | None:
    """The submitter, the verifier and the closer are three persons, and no credential stands for two of them."""
    if actor.person in before:
        return refuse(Code.SAME_PERSON, "报送、核验、销号须由三个人分别办理，请换一个人", "/actor/person")
    nodes = {person.partition("/")[0] for person in before if "/" in person}
    if of_a_node(actor) and actor.person.partition("/")[0] in nodes:
        message = "同一节点的接口不能既报送又核验，请由另一个单位的人员在平台上办理"
        return refuse(Code.SAME_CREDENTIAL, message, "/actor/person")
    return None


def missing(absent: Sequence[str]) -> Refused | None:
    """Evidence whose bytes are not here (R7)."""
    if not absent:
        return None
    message = f"有 {len(absent)} 件佐证材料还没有上传成功，请重新上传"
    return refuse(Code.EVIDENCE_MISSING, message, "/evidence", absent=list(absent))


def unfinished(others: Sequence[Member]) -> Refused | None:
    """The lead goes on only when every other unit is verified (R7)."""
    names = [each.unit_name for each in others if each.state not in FINISHED]
    if not names:
        return None
    more = f"等 {len(names)} 个单位" if len(names) > NAMED else ""
    message = f"{'、'.join(names[:NAMED])}{more}的部分还没有通过核验，牵头单位须在其后办结"
    return refuse(Code.ASSIGNMENTS_UNFINISHED, message, "/assignment_id", units=names)
