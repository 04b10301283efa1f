"""Who holds which post of a unit, and which post a ledger means by its lead official."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.commands.register import FillPost
from contracts.envelope import Actor, ActorRole
from contracts.events.register import PostFilled
from contracts.refusals import Refused
from contracts.region import Node
from contracts.units import OFFICE, UnitAddress, address_at
from contracts.workdays import day_of
from services.tasks.assignments.domain.guard import forbidden
from services.tasks.register.domain import Register, Unit

OFFICERS = (ActorRole.SUPERVISOR, ActorRole.OPERATOR, ActorRole.SYSTEM)


@dataclass(frozen=True, slots=True)
class Post:
    """A post of a unit (职务) and the person who holds it (人员): one holder at a time, and perhaps a deputy.

    person, deputy: ids as the portal's accounts know them, empty where vacant; valid_from, valid_to: first and last day
    of this holder, None where open.
    """

    post_id: UUID
    version: int
    unit: UnitAddress
    title: str
    person: str
    name: str
    deputy: str
    deputy_name: str
    valid_from: date
    valid_to: date | None

    def held_on(self, day: date) -> bool:
        """Somebody holds it on that day."""
        return bool(self.person) and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def post_id_of(unit: UnitAddress, title: str) -> UUID:
    """The same title of the same unit is always the same post."""
    return uuid5(NAMESPACE_OID, f"{unit}/{title}")


def unit_of(command: FillPost, register: Register, node: Node) -> Unit | Refused:
    """The unit whose post it is, by address or by any of its names; its head fills its posts, the Inspectorate all."""
    unit = register.units.get(command.unit)
    if unit is None:
        found = register.resolve(command.unit)
        if len(found.units) != 1 or found.problems:
            message = "；".join(problem.message for problem in found.problems) or "请写一个单位的地址或名称"
            return Refused(code="unit_unknown", message=message, pointer="/unit")
        unit = found.units[0]
    if _may(command.actor, unit, node):
        return unit
    return forbidden(f"只有督查室或{unit.short}的负责人可以登记它的职务")


def _may(actor: Actor, unit: Unit, node: Node) -> bool:
    office = actor.unit == address_at(node, OFFICE) and actor.may(*OFFICERS)
    return office or (actor.unit == unit.address and actor.may(ActorRole.UNIT_HEAD))


def filled(command: FillPost, unit: Unit, known: Post | None, node: Node, now: datetime) -> PostFilled | Refused:
    """The post with its new holder, or vacant; `known`: as it stood."""
    first = command.valid_from or day_of(now)
    if command.valid_to is not None and command.valid_to < first:
        return Refused(code="days_reversed", message="任期结束早于开始，请核对日期", pointer="/valid_to")
    if bool(command.person) != bool(command.name):
        return Refused(code="person_incomplete", message="人员编号和姓名请一并填写，空缺则都不填", pointer="/name")
    post_id = post_id_of(unit.address, command.title)
    return PostFilled(
        time=now,
        aggregate=f"post/{post_id}",
        version=known.version + 1 if known else 1,
        owner=node,
        address=unit.address,
        audience=tuple(dict.fromkeys((address_at(node, OFFICE), unit.address))),
        post_id=post_id,
        unit=unit.address,
        unit_name=unit.short,
        title=command.title,
        person=command.person,
        name=command.name,
        deputy=command.deputy,
        deputy_name=command.deputy_name,
        valid_from=first,
        valid_to=command.valid_to,
        actor=command.actor.person,
    )


def meant(text: str, posts: Iterable[Post], day: date) -> UUID | None:
    """The one post held on that day that a text means, as 常务副省长 or 副省长 李建国; None where none, or several."""
    found = {
        post.post_id
        for post in posts
        if post.held_on(day) and (text.strip() == post.title or (post.title in text and post.name in text))
    }
    return found.pop() if len(found) == 1 else None
