"""Which office issues, and to which units it may: jurisdiction is on the register (§1b)."""

from contracts.envelope import Actor, ActorRole
from contracts.offices import Supervises
from contracts.refusals import Refused
from contracts.register import Unit
from services.tasks.refusals import Code, forbidden, refuse
from services.tasks.register.domain import Register

STAFF = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.SYSTEM)
"""Who issues for the own unit; a leader issues as the office, an operator reads and issues nothing."""
LEADER_SOURCE = "领导交办"
"""What a task that a leader starts says of its source, unless he names another."""


def issuer_of(actor: Actor, register: Register) -> Unit | Refused:
    """The unit in whose name the sender registers a task.

    An inspector, a supervisor or the system: their own unit, which must oversee a region or a line. A leader of a
    government, or the system there: the office of its tier. A leader of a department: the department.
    """
    if not actor.may(*STAFF, ActorRole.LEADER):
        return forbidden("只有督查人员或领导可以登记事项")
    unit = register.units.get(actor.unit)
    if unit is None:
        return refuse(Code.ISSUER_UNKNOWN, f"交办单位 {actor.unit} 不在单位名录中，请先登记该单位", "/actor/unit")
    if actor.may(ActorRole.LEADER, ActorRole.SYSTEM) and (office := register.office_of(unit)):
        return office
    leads = actor.may(ActorRole.LEADER) and unit.supervises is Supervises.LINE
    if leads or (unit.supervises in (Supervises.REGION, Supervises.LINE) and actor.may(*STAFF)):
        return unit
    return _cannot_issue(unit, actor, register)


def _cannot_issue(unit: Unit, actor: Actor, register: Register) -> Refused:
    """Why not, and who may instead."""
    if unit.supervises is Supervises.GROUP:
        office = register.units.get(unit.parent or "")
        by = f"“{office.short}”" if office else "所属办公室"
        return refuse(Code.CANNOT_ISSUE, f"专项小组不直接交办，请由{by}交办", "/actor/unit")
    if unit.supervises is Supervises.REGION:
        return refuse(Code.CANNOT_ISSUE, f"{unit.short}的事项由督查人员登记，领导请以政府领导的身份交办", "/actor")
    if actor.may(ActorRole.LEADER):
        message = f"{unit.short}没有督查机构，不能以其名义交办，请由上级政府办公厅（室）交办"
        return refuse(Code.OFFICE_MISSING, message, "/actor/unit")
    return refuse(Code.CANNOT_ISSUE, f"{unit.short}没有督办职责，不能交办，请由政府办公厅（室）交办", "/actor/unit")
