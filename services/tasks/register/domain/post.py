"""Who holds which post of a unit, and which post a ledger means by its lead official."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.commands.register import FillPost
from contracts.events.register import PostFilled
from contracts.refusals import Refused
from contracts.region import Node
from contracts.register import Person, Post, Unit
from contracts.units import UnitAddress
from contracts.workdays import day_of
from services.tasks.refusals import Code, forbidden, refuse
from services.tasks.register.domain.person import keeps_persons, unit_named
from services.tasks.register.domain.register import Register


def post_id_of(unit: UnitAddress, title: str) -> UUID:
    """The same title of the same unit is always the same post."""
    return uuid5(NAMESPACE_OID, f"{unit}/{title}")


def unit_of(command: FillPost, register: Register, node: Node) -> Unit | Refused:
    """The unit whose post it is; who keeps a unit's persons also fills its posts."""
    unit = unit_named(command.unit, register)
    if isinstance(unit, Refused) or keeps_persons(command.actor, unit, register, node):
        return unit
    return forbidden(f"只有上级督查室或{unit.short}的负责人可以登记它的职务")


def fill_post(
    command: FillPost,
    unit: Unit,
    persons: Mapping[str, Person],
    version: int,
    register: Register,
    node: Node,
    now: datetime,
) -> PostFilled | Refused:
    """The post with its new holder, or vacant. persons: those of the command by id; version: of the post so far."""
    first = command.valid_from or day_of(now)
    refused = _unregistered(command, persons, first) or _reversed(command, first)
    if refused:
        return refused
    post = _post(command, unit, persons, first)
    return PostFilled(
        time=now,
        aggregate=f"post/{post.post_id}",
        version=version + 1,
        owner=node,
        address=unit.address,
        audience=tuple(dict.fromkeys((unit.address, *register.offices_over(unit.address)))),
        post=post,
        actor=command.actor.person,
    )


def _post(command: FillPost, unit: Unit, persons: Mapping[str, Person], first: date) -> Post:
    names = {id: person.name for id, person in persons.items()}
    return Post(
        post_id=post_id_of(unit.address, command.title),
        unit=unit.address,
        unit_name=unit.short,
        title=command.title,
        person=command.person,
        name=names.get(command.person, ""),
        deputy=command.deputy,
        deputy_name=names.get(command.deputy, ""),
        valid_from=first,
        valid_to=command.valid_to,
    )


def _unregistered(command: FillPost, persons: Mapping[str, Person], first: date) -> Refused | None:
    """Names come from the register of persons: an id that stands nowhere, or no longer, holds no post."""
    for field in ("person", "deputy"):
        id = getattr(command, field)
        if id and id not in persons:
            message = f"人员编号“{id}”没有登记，请先登记人员（duban persons add）"
            return refuse(Code.PERSON_UNKNOWN, message, f"/{field}")
        if id and (last := persons[id].valid_to) and last < first:
            return refuse(Code.PERSON_ENDED, f"{persons[id].name}已于 {last} 离任，请换一个人", f"/{field}")
    return None


def _reversed(command: FillPost, first: date) -> Refused | None:
    if command.valid_to is None or command.valid_to >= first:
        return None
    return refuse(Code.DAYS_REVERSED, "任期结束早于开始，请核对日期", "/valid_to")


def meant(text: str, posts: Iterable[Post], day: date) -> UUID | None:
    """The one post held on that day that a text means, as 常务副省长 or 副省长 李建国; None where none, or several."""
    candidates = {
        post.post_id
        for post in posts
        if post.held_on(day) and (text.strip() == post.title or (post.title in text and post.name in text))
    }
    return candidates.pop() if len(candidates) == 1 else None
