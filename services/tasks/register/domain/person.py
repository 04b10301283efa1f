"""Who puts a person on the register of persons (人员), and for which unit."""

from datetime import datetime

from contracts.commands.register import RegisterPerson
from contracts.envelope import Actor, ActorRole
from contracts.events.register import PersonRegistered
from contracts.offices import Supervises
from contracts.refusals import Refused
from contracts.region import Node
from contracts.register import Person, Unit
from contracts.units import OFFICE, address_at, within
from services.tasks.refusals import Code, forbidden, refuse
from services.tasks.register.domain.register import Register

ACCOUNTS = (ActorRole.OPERATOR, ActorRole.SYSTEM)
"""Who opens accounts at a node."""


def register_person(
    command: RegisterPerson, entry: Person | None, version: int, register: Register, node: Node, now: datetime
) -> PersonRegistered | Refused:
    """The person's new entry. entry, version: as it stands; a person moves only by who may act for both units."""
    unit = unit_named(command.unit, register)
    if isinstance(unit, Refused):
        return unit
    if refused := _not_by(command, entry, unit, register, node):
        return refused
    person = Person(
        person_id=command.person,
        name=command.name,
        unit=unit.address,
        unit_name=unit.short,
        valid_to=command.valid_to,
    )
    return PersonRegistered(
        time=now,
        aggregate=f"person/{command.person}",
        version=version + 1,
        owner=node,
        address=unit.address,
        audience=tuple(dict.fromkeys((unit.address, *register.offices_over(unit.address)))),
        person=person,
        actor=command.actor.person,
    )


def _not_by(
    command: RegisterPerson, entry: Person | None, unit: Unit, register: Register, node: Node
) -> Refused | None:
    """The sender does not keep the persons of the new unit, or of the one where the person stands."""
    if not keeps_persons(command.actor, unit, register, node):
        return forbidden(f"只有上级督查室、{unit.short}的负责人或系统管理员可以登记它的人员")
    if entry is None or keeps_persons(command.actor, register.units[entry.unit], register, node):
        return None
    whose = f"{entry.unit_name}的{entry.name}"
    message = f"人员编号 {command.person} 已登记为{whose}，请换一个编号，或由督查室调整其单位"
    return refuse(Code.PERSON_ELSEWHERE, message, "/person")


def keeps_persons(actor: Actor, unit: Unit, register: Register, node: Node) -> bool:
    """A unit's head keeps its persons, an office's supervisor those of its region, an operator those of the node."""
    own = actor.unit == unit.address and actor.may(ActorRole.UNIT_HEAD)
    accounts = actor.unit == address_at(node, OFFICE) and actor.may(*ACCOUNTS)
    return own or accounts or _oversees_region(actor, unit, register)


def _oversees_region(actor: Actor, unit: Unit, register: Register) -> bool:
    office = register.units.get(actor.unit)
    if office is None or office.supervises is not Supervises.REGION or not actor.may(ActorRole.SUPERVISOR):
        return False
    return within(unit.address, office.place)


def unit_named(text: str, register: Register) -> Unit | Refused:
    """The one unit that an address or a name means."""
    if unit := register.units.get(text):
        return unit
    meant = register.resolve(text)
    if len(meant.units) == 1 and not meant.problems:
        return meant.units[0]
    message = "；".join(problem.message for problem in meant.problems) or "请写一个单位的地址或名称"
    return refuse(Code.UNIT_UNKNOWN, message, "/unit")
